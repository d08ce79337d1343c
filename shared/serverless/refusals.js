// What is refused before anything changes, each in one sentence.
'use strict';
const stages = require('./stages');

const OFFLINE = ['package', 'print', 'help', 'plugin'];

const isOnThisMachine = (url) => {
  try {
    return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
  } catch {
    return false;
  }
};

function laptopOnAws(command, environment) {
  const { AWS_ENDPOINT_URL: endpoint, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: ignored } = environment;
  if (OFFLINE.includes(command) || (isOnThisMachine(endpoint) && ignored !== 'true')) return undefined;
  return 'The stage local is the laptop: `make up` deploys it, and `make deploy-<service> STAGE=local` into what runs. '
    + 'Without an AWS_ENDPOINT_URL on 127.0.0.1 this would reach a real AWS account.';
}

/** `custom.needed: {NAME: value}` is what a stage that stays cannot do without; a deployment without it takes it away. */
function lacking(service, kind) {
  if (!['permanent', 'production'].includes(kind)) return undefined;
  const { needed = {} } = service.custom || {};
  const names = Object.keys(needed).filter((name) => !needed[name]);
  if (!names.length) return undefined;
  return `${service.service} lacks ${names.join(' and ')}, which a ${kind} stage keeps: set ${names.length > 1 ? 'them' : 'it'} in the `
    + "environment, as at every deployment, or in the service's files for this stage.";
}

/** Why this command is refused, or nothing. */
exports.refusal = (serverless) => {
  const stage = serverless.getProvider('aws').getStage();
  const { commands: [command], options } = serverless.processedInput;
  const kind = stages.kind(stage);
  const refused = stages.refusal(stage);
  if (refused) return refused;
  if (kind === 'laptop') return laptopOnAws(command, process.env);
  if (kind === 'production' && command === 'remove') {
    return `${stage} is a production stage: its ledger is kept for years by law, so it is never removed.`;
  }
  // What was packaged before was checked then, with the settings that are in it.
  const packages = command === 'package' || (command === 'deploy' && !options.package);
  return packages ? lacking(serverless.service, kind) : undefined;
};
