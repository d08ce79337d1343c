// The daily returns to the regulator and the tax authority, and the key that signs them: who has its public half can tell that a
// return is ours. A signing key is never rotated, or earlier returns could not be checked by it.
'use strict';
const archive = require('../shared/serverless/archive')('wallet', "Encrypts BETSAFI's returns to the authorities");

module.exports = async (resolver) => {
  const { Resources } = await archive(resolver);
  const { DeletionPolicy, UpdateReplacePolicy, Properties: { KeyPolicy } } = Resources.ArchiveKey;
  return {
    Resources: {
      ...Resources,
      SigningKey: {
        Type: 'AWS::KMS::Key',
        DeletionPolicy,
        UpdateReplacePolicy,
        Properties: {
          Description: "Signs BETSAFI's returns to the authorities",
          KeySpec: 'ECC_NIST_P256',
          KeyUsage: 'SIGN_VERIFY',
          PendingWindowInDays: 30,
          KeyPolicy,
        },
      },
      SigningKeyParameter: {
        Type: 'AWS::SSM::Parameter',
        Properties: {
          Name: `/betsafi/${await resolver.resolveVariable('sls:stage')}/wallet/returns/key`,
          Type: 'String',
          Value: { 'Fn::GetAtt': ['SigningKey', 'Arn'] },
        },
      },
    },
  };
};
