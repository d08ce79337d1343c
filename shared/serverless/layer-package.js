// What packaging the layers needs besides the framework and serverless-python-requirements:
//
// - `sls package` of a layer asks CloudFormation whether the same layer is there already. Packaging must work with no
//   credentials and nothing deployed, so the question is asked by `sls deploy` only.
// - The libraries' zip is linked into .serverless, and the plugin does not wait for the link: on a busy machine the framework
//   may read it before it is there. So it is waited for here.
'use strict';

const fs = require('fs');
const path = require('path');

const PATIENCE_MS = 30_000;

async function present(file) {
  const deadline = Date.now() + PATIENCE_MS;
  while (!fs.existsSync(file)) {
    if (Date.now() > deadline) throw new Error(`The libraries were not packaged: there is no ${file}.`);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}

module.exports = class LayerPackage {
  constructor(serverless) {
    this.hooks = {
      initialize: () => {
        if (serverless.processedInput.commands[0] !== 'package') return;
        const layers = serverless.pluginManager.plugins.find((plugin) => plugin.compareWithLastLayer);
        layers.compareWithLastLayer = async () => {};
      },
      'before:package:compileLayers': () => present(path.join(serverless.serviceDir, '.serverless', 'pythonRequirements.zip')),
    };
  }
};
