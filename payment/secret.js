// What M-Pesa knows us by, in one secret. On AWS it begins with blanks and a generated callback key, is filled in by hand
// (README) and kept for ever; on the laptop it holds what the fake Daraja expects, all of it public sandbox constants.
//
// NEVER CHANGE `GenerateSecretString` or `blanks`: CloudFormation would write them, with a new key, over what people filled in.
// A new field is not added here; payment/providers/mpesa/credentials.py counts a field that is not there as blank.
'use strict';

const blanks = {
  consumerKey: '', consumerSecret: '', shortcode: '', passkey: '', payoutShortcode: '', initiatorName: '', securityCredential: '',
  initiatorPasswordSetAt: '', nominatedNumber: '',
};
const sandbox = {
  consumerKey: 'local-consumer-key',
  consumerSecret: 'local-consumer-secret',
  shortcode: '174379',
  passkey: 'bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919',
  payoutShortcode: '600000',
  initiatorName: 'testapi',
  securityCredential: Buffer.alloc(256, 'not checked by the fake').toString('base64'), // as long as a real one
  initiatorPasswordSetAt: '2026-01-01',
  nominatedNumber: '254700000000',
  callbackKey: 'local-callback-key',
};

module.exports = async ({ resolveVariable }) => {
  const stage = await resolveVariable('sls:stage');
  const content = stage === 'local'
    ? { SecretString: JSON.stringify(sandbox) }
    : {
      GenerateSecretString: {
        SecretStringTemplate: JSON.stringify(blanks),
        GenerateStringKey: 'callbackKey',
        PasswordLength: 64,
        ExcludePunctuation: true,
      },
    };
  return {
    Resources: {
      DarajaSecret: {
        Type: 'AWS::SecretsManager::Secret',
        DeletionPolicy: stage === 'local' ? 'Delete' : 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          Name: `betsafi/${stage}/payment/daraja`,
          Description: "Daraja's credentials and the key of our callback addresses",
          ...content,
        },
      },
    },
  };
};
