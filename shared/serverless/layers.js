// The two layers' SSM parameter names, each under a hash of the layer's content: a new layer is a visible
// change in every service's template, and an old checkout still finds the layer that it was built for.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');

const root = path.join(__dirname, '..', '..', 'layers', 'common');
const python = process.env.LAYER_PYTHON || '3.13';
const platform = process.env.LAYER_PLATFORM || 'manylinux2014_aarch64';

function filesBelow(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === '__pycache__' ? [] : filesBelow(full);
    return entry.name.endsWith('.pyc') ? [] : [full];
  }).sort();
}

function hash(parts) {
  const sha = crypto.createHash('sha256');
  for (const part of parts) sha.update(part).update('\0');
  return sha.digest('hex').slice(0, 16);
}

// botocore describes every AWS service, 25 MB of them; these are the ones that our functions call.
const called = ['cognito-idp', 'dynamodb', 'events', 's3', 'secretsmanager', 'sesv2', 'sns', 'sqs'];

// How the libraries are built. What is built otherwise is another layer, and is kept apart on this machine too.
const options = {
  slim: true,
  slimPatterns: [`**/botocore/data/!(${called.join('|')})/`],
  strip: false,
  pipCmdExtraArgs: [
    `--platform ${platform}`, '--implementation cp', `--python-version ${python}`, '--only-binary=:all:', '--disable-pip-version-check',
  ],
};
const build = `${platform}-${python}-${hash([JSON.stringify(options)])}`;

const common = hash(filesBelow(path.join(root, 'python')).flatMap(
  (file) => [path.relative(root, file), fs.readFileSync(file)]));
const libraries = hash([build, fs.readFileSync(path.join(root, 'requirements.txt'))]);

module.exports = async ({ resolveVariable }) => {
  const stage = await resolveVariable('sls:stage');
  const name = (layer, digest) => `/betsafi/${stage}/layers/${layer}/${digest}/arn`;
  const arn = (layer, digest) => ({ 'Fn::Sub': `{{resolve:ssm:${name(layer, digest)}}}` });
  return {
    options,
    build,
    names: { common: name('common', common), libraries: name('libraries', libraries) },
    arns: [arn('common', common), arn('libraries', libraries)],
  };
};
