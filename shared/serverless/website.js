// The plugin of a website (website.yml has its stack): a deployment puts what was built into the stack's bucket, and a removal takes it out
// again, for a bucket that holds something is not deleted.
//
// First what pages refer to, then pages, so that no page names a file that is not there yet. What has its content in its name (`kept`) stays
// for apps that are open; all else that the build does not have is deleted. Where the stack has an output SiteConfig, it is config.json.
'use strict';
const fs = require('fs');
const path = require('path');
const { S3Client, DeleteObjectsCommand, PutObjectCommand, paginateListObjectsV2 } = require('@aws-sdk/client-s3');
const { Stack } = require('./stack');

const AT_ONCE = 10;
const FOR_EVER = 'public, max-age=31536000, immutable';
const ASKED_ANEW = 'no-cache';
const TYPES = {
  css: 'text/css', html: 'text/html', ico: 'image/x-icon', js: 'text/javascript', json: 'application/json', png: 'image/png',
  svg: 'image/svg+xml', webmanifest: 'application/manifest+json', webp: 'image/webp', xml: 'application/xml',
};

/** What a browser is told that a file is; what we do not know is shown as text. */
function typeOf(key) {
  const type = TYPES[path.extname(key).slice(1)] || 'text/plain';
  return /^text|json|xml/.test(type) ? `${type}; charset=utf-8` : type;
}

const isPage = ({ key }) => key.endsWith('.html');

/** The files of a build as they are put, in their order. */
function puts(folder, kept, config) {
  const names = fs.readdirSync(folder, { recursive: true }).map((name) => name.split(path.sep).join('/')).sort();
  const found = names.filter((name) => fs.statSync(path.join(folder, name)).isFile()).map((key) => ({
    key, type: typeOf(key), cache: kept.test(key) ? FOR_EVER : ASKED_ANEW, body: () => fs.readFileSync(path.join(folder, key)),
  }));
  if (config) found.push({ key: 'config.json', type: typeOf('config.json'), cache: 'no-store', body: () => config });
  return [...found.filter((file) => !isPage(file)), ...found.filter(isPage)];
}

class Bucket {
  constructor(name, client) {
    Object.assign(this, { name, client });
  }

  async put(files) {
    for (let first = 0; first < files.length; first += AT_ONCE) {
      await Promise.all(files.slice(first, first + AT_ONCE).map(({ key, type, cache, body }) => this.client.send(new PutObjectCommand({
        Bucket: this.name, Key: key, Body: body(), ContentType: type, CacheControl: cache,
      }))));
    }
  }

  /** Delete every object that is not to stay. */
  async clear(stays) {
    for await (const { Contents = [] } of paginateListObjectsV2({ client: this.client }, { Bucket: this.name })) {
      const Objects = Contents.filter(({ Key }) => !stays(Key)).map(({ Key }) => ({ Key }));
      if (!Objects.length) continue;
      const { Errors = [] } = await this.client.send(new DeleteObjectsCommand({ Bucket: this.name, Delete: { Objects, Quiet: true } }));
      if (Errors.length) throw new Error(`${this.name} keeps ${Errors[0].Key}: ${Errors[0].Message}`);
    }
  }
}

module.exports = class Website {
  constructor(serverless, _, { log }) {
    const provider = serverless.getProvider('aws');
    const stack = new Stack(provider);
    const about = () => serverless.service.custom.website;
    const folder = () => path.resolve(serverless.serviceDir, about().files);
    const bucket = async () => {
      const name = (await stack.resources()).get('SiteFiles');
      return name && new Bucket(name, new S3Client({ ...await provider.getAwsSdkV3Config(), forcePathStyle: true }));
    };

    this.hooks = {
      'before:aws:deploy:deploy:createStack': () => {
        if (fs.existsSync(path.join(folder(), 'index.html'))) return;
        throw new serverless.classes.Error(`There is nothing in ${folder()}: \`make deploy-…\` builds it first.`, 'BETSAFI_REFUSED');
      },
      'after:deploy:deploy': async () => {
        const kept = new RegExp(about().kept);
        const { SiteAddress, SiteConfig } = await stack.outputs();
        const files = puts(folder(), kept, SiteConfig);
        const keys = new Set(files.map(({ key }) => key));
        const site = await bucket();
        await site.put(files);
        await site.clear((key) => keys.has(key) || kept.test(key));
        log.notice(`${files.length} files are at ${SiteAddress}`);
      },
      'before:remove:remove': async () => {
        const site = await bucket();
        if (site) await site.clear(() => false);
      },
    };
  }
};
Object.assign(module.exports, { puts });
