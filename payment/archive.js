// Everything that M-Pesa sends us, word for word: encrypted under a key of its own, locked against change and deletion for
// seven years (what the tax law asks of accounts), then forgotten. Nobody reads it but who may use the key. In production
// nobody can lift the lock; elsewhere who has the permission for it can, so that a stage can be removed.
'use strict';
const { kind } = require('../shared/serverless/stages');

const YEARS = 7;

const key = {
  Type: 'AWS::KMS::Key',
  Properties: {
    Description: "Encrypts what M-Pesa told BETSAFI",
    EnableKeyRotation: true,
    PendingWindowInDays: 30,
    KeyPolicy: {
      Version: '2012-10-17',
      Statement: [{
        Effect: 'Allow',
        Principal: { AWS: { 'Fn::Sub': 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root' } },
        Action: 'kms:*',
        Resource: '*',
      }],
    },
  },
};

const bucket = (stage, DefaultRetention) => ({
  Type: 'AWS::S3::Bucket',
  Properties: {
    BucketName: { 'Fn::Sub': `betsafi-\${AWS::AccountId}-\${AWS::Region}-payment-archive-${stage}` },
    VersioningConfiguration: { Status: 'Enabled' },
    ObjectLockEnabled: true,
    ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention } },
    LifecycleConfiguration: {
      Rules: [{
        Id: 'forget',
        Status: 'Enabled',
        ExpirationInDays: YEARS * 366,
        NoncurrentVersionExpiration: { NoncurrentDays: 1 },
        Transitions: [{ StorageClass: 'GLACIER_IR', TransitionInDays: 90 }],
      }],
    },
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{
        BucketKeyEnabled: true,
        ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: { 'Fn::GetAtt': ['ArchiveKey', 'Arn'] } },
      }],
    },
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true,
    },
    OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
  },
});

const onlyEncrypted = {
  Type: 'AWS::S3::BucketPolicy',
  Properties: {
    Bucket: { Ref: 'Archive' },
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [{
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [{ 'Fn::GetAtt': ['Archive', 'Arn'] }, { 'Fn::Sub': '${Archive.Arn}/*' }],
        Condition: { Bool: { 'aws:SecureTransport': false } },
      }],
    },
  },
};

module.exports = async ({ resolveVariable }) => {
  const stage = await resolveVariable('sls:stage');
  const onLaptop = stage === 'local';
  const Mode = kind(stage) === 'production' ? 'COMPLIANCE' : 'GOVERNANCE';
  const retain = { DeletionPolicy: onLaptop ? 'Delete' : 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' };
  return {
    Resources: {
      ArchiveKey: { ...key, ...retain },
      Archive: { ...bucket(stage, onLaptop ? { Mode, Days: 1 } : { Mode, Years: YEARS }), ...retain },
      // The emulator speaks plain http on the laptop itself.
      ...(!onLaptop && { ArchivePolicy: onlyEncrypted }),
    },
  };
};
