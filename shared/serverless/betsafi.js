// The plugin of every serverless.yml, so that plain `sls deploy` and `sls package` in a service's folder do all of it:
//
// - refusals.js: a stage, a setting or a command that is wrong is refused in one sentence, before anything changes;
// - turns.js: in a service's folder one command at a time;
// - published.js: what other stacks publish in SSM becomes template parameters, and reaches running functions when it changed;
// - roles.js: no role that nothing uses, no permission to create log groups that the stack has;
// - protection.js: what is created for the first time can be rolled back, and is protected from then on;
// - layers-once.js: a layer is published once for each content, however often a change is reverted.
'use strict';
const { leaveOutPublishedLayers } = require('./layers-once');
const protection = require('./protection');
const published = require('./published');
const { refusal } = require('./refusals');
const { tidyRoles } = require('./roles');
const { Stack } = require('./stack');
const stages = require('./stages');
const turns = require('./turns');

module.exports = class Betsafi {
  constructor(serverless, _, { log }) {
    const { service } = serverless;
    const refuse = (sentence) => { throw new serverless.classes.Error(sentence, 'BETSAFI_REFUSED'); };
    let protect;

    this.hooks = {
      initialize: async () => {
        const sentence = refusal(serverless);
        if (sentence) refuse(sentence);
        const kind = stages.kind(serverless.getProvider('aws').getStage());
        if (kind !== 'laptop') service.provider.stackPolicy = protection.stackPolicy;
        if (kind === 'production') service.provider.deletionProtection = true;
        await turns.take(serverless, log);
      },
      'before:aws:package:finalize:saveServiceState': () => {
        const template = published.asParameters(service.provider.compiledCloudFormationTemplate);
        tidyRoles(template);
        service.provider.compiledCloudFormationTemplate = template;
      },
      'before:aws:deploy:deploy:createStack': async () => {
        const stack = new Stack(serverless.getProvider('aws'));
        const template = service.provider.compiledCloudFormationTemplate;
        const owned = await stack.resources();
        const { values, missing } = await published.read(template, stack);
        if (missing.length) refuse(published.lacking(missing));
        published.mark(template, values);
        const gone = await leaveOutPublishedLayers(template, owned, stack);
        if (gone) refuse(gone);
        protect = protection.unprotected(template, owned);
      },
      'after:aws:deploy:deploy:updateStack': async () => {
        if (!protect || service.provider.shouldNotDeploy) return;
        protect();
        const deployment = serverless.pluginManager.plugins.find((plugin) => plugin.uploadCloudFormationFile);
        await deployment.uploadCloudFormationFile();
        await deployment.updateStack();
      },
    };
  }
};
