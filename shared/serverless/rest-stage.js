// osls lets its deployment create the REST stage, and such a stage can have no limits. Here the stage becomes a resource
// of its own, throttled: `custom.restLimits: {rate: 500, burst: 1000}` are requests a second and at once.
//
//   plugins:
//     localPath: ../shared/serverless
//     modules: [rest-stage, ...]
'use strict';

module.exports = class RestStage {
  constructor(serverless) {
    this.hooks = {
      'after:package:compileEvents': () => {
        const { provider, custom } = serverless.service;
        const { rate = 500, burst = 1000 } = (custom && custom.restLimits) || {};
        const resources = provider.compiledCloudFormationTemplate.Resources;
        for (const [id, { Type, Properties }] of Object.entries(resources)) {
          if (Type !== 'AWS::ApiGateway::Deployment') continue;
          const { RestApiId, StageName } = Properties;
          delete Properties.StageName;
          resources.ApiGatewayStage = {
            Type: 'AWS::ApiGateway::Stage',
            Properties: {
              RestApiId,
              StageName,
              DeploymentId: { Ref: id },
              MethodSettings: [
                { ResourcePath: '/*', HttpMethod: '*', ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst },
              ],
            },
          };
        }
      },
    };
  }
};
