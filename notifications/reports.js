// The API to which Africa's Talking reports how messages ended: POST /reports/{carrier}/{hmac} (shared/serverless/gate.js). It is there only
// where that carrier carries SMS. Reports are not signed, so the path has an HMAC of the carrier's name.
'use strict';
const gate = require('../shared/serverless/gate');

// What Africa's Talking knows us by. On AWS it begins with blanks and a generated key, is filled in by hand and kept for ever.
//
// NEVER CHANGE `GenerateSecretString`: CloudFormation would write it over what people filled in.
const secret = (stage) => ({
  CarrierSecret: {
    Type: 'AWS::SecretsManager::Secret',
    DeletionPolicy: stage === 'local' ? 'Delete' : 'RetainExceptOnCreate',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      Name: `betsafi/${stage}/notifications/carrier`,
      Description: "Africa's Talking's account and the key of our report address",
      ...(stage === 'local'
        ? { SecretString: JSON.stringify({ username: 'local', apiKey: 'local-api-key', reportKey: 'local-report-key' }) }
        : { GenerateSecretString: { SecretStringTemplate: '{"username":"","apiKey":""}', GenerateStringKey: 'reportKey', PasswordLength: 64, ExcludePunctuation: true } }),
    },
  },
});

module.exports = async ({ resolveConfigurationProperty, resolveVariable }) => {
  const { smsCarrier, reportAddresses } = await resolveConfigurationProperty(['custom', 'here']);
  if (smsCarrier !== 'africastalking') return { Resources: {} };
  const stage = await resolveVariable('sls:stage');
  const { rest, path, post, toQueue, deployed, published, firewall } = gate({ id: 'Report', service: 'notifications', what: 'reports', queue: 'ReportsQueue', stage });
  const snapshot = {
    ...rest("Carriers' reports of messages, straight into a queue"),
    ReportRoot: path('reports'),
    ReportCarrier: path('{carrier}', 'ReportRoot'),
    ReportPath: path('{hmac}', 'ReportCarrier'),
    ReportPost: post('ReportPath', toQueue(['carrier', 'hmac'], '{}', '{}')),
  };
  return {
    Resources: {
      ...deployed(snapshot),
      ...firewall({ provider: 'The carrier', called: 'carrier', addresses: reportAddresses }),
      ...published(),
      ...secret(stage),
    },
  };
};
