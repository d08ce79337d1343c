// A service's archive of what must not change: encrypted under a key of its own, locked against change and deletion for the
// years that retention.json says, then forgotten. Nobody reads it but who may use the key. In production nobody can lift the
// lock; elsewhere who has the permission for it can, so that a stage can be removed.
//
//     module.exports = require('../shared/serverless/archive')('payment', 'Encrypts what …');
'use strict';
const { archiveYears } = require('./retention.json');
const { kind } = require('./stages');

const key = (Description) => ({
  Type: 'AWS::KMS::Key',
  Properties: {
    Description,
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
});

const bucket = (service, stage, DefaultRetention) => ({
  Type: 'AWS::S3::Bucket',
  Properties: {
    BucketName: { 'Fn::Sub': `betsafi-\${AWS::AccountId}-\${AWS::Region}-${service}-archive-${stage}` },
    VersioningConfiguration: { Status: 'Enabled' },
    ObjectLockEnabled: true,
    ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention } },
    LifecycleConfiguration: {
      Rules: [{
        Id: 'forget',
        Status: 'Enabled',
        ExpirationInDays: archiveYears * 366,
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

module.exports = (service, description) => async ({ resolveVariable }) => {
  const stage = await resolveVariable('sls:stage');
  const onLaptop = stage === 'local';
  const Mode = kind(stage) === 'production' ? 'COMPLIANCE' : 'GOVERNANCE';
  const retain = { DeletionPolicy: onLaptop ? 'Delete' : 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' };
  return {
    Resources: {
      ArchiveKey: { ...key(description), ...retain },
      Archive: { ...bucket(service, stage, onLaptop ? { Mode, Days: 1 } : { Mode, Years: archiveYears }), ...retain },
      // The emulator speaks plain http on the laptop itself.
      ...(!onLaptop && { ArchivePolicy: onlyEncrypted }),
    },
  };
};
