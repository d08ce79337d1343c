// A service's own table: retained, recoverable, encrypted, and with these indexes as its `custom.defaults.table` asks for them:
// local `by_time`, global `by_owner` and `by_queue`; `forgets`: items with `forget_at` (seconds since 1970) end by themselves. This is the one place that says what a table looks like; tests make theirs from it.
'use strict';

const renamed = require('./tables.json'); // restored tables that took the place of a first one, by stage and service

const attribute = (name) => ({ AttributeName: name, AttributeType: 'S' });
const key = (hash, range) => [
  { AttributeName: hash, KeyType: 'HASH' },
  { AttributeName: range, KeyType: 'RANGE' },
];
const index = (IndexName, hash, ProjectionType) => ({ IndexName, KeySchema: key(hash, 'at'), Projection: { ProjectionType } });

// `stream`: whether the table's changes are read. The table is encrypted with the service's own key, if it has one.
module.exports = ({ byTime, byOwner, byQueue, forgets, key: ownKey }, { service, stage, stream }) => {
  const global = [...(byOwner ? ['owner'] : []), ...(byQueue ? ['queue'] : [])];
  return {
    Type: 'AWS::DynamoDB::Table',
    DeletionPolicy: stage === 'local' ? 'Delete' : 'RetainExceptOnCreate',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      TableName: (renamed[stage] || {})[service] || `betsafi-${service}-${stage}`,
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: stage !== 'local',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: ownKey ? { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: ownKey } : { SSEEnabled: true },
      AttributeDefinitions: ['pk', 'sk', ...(byTime || global.length ? ['at'] : []), ...global].map(attribute),
      KeySchema: key('pk', 'sk'),
      ...(byTime && { LocalSecondaryIndexes: [index('by_time', 'pk', 'KEYS_ONLY')] }),
      ...(global.length && { GlobalSecondaryIndexes: global.map((name) => index(`by_${name}`, name, 'ALL')) }),
      ...(forgets && { TimeToLiveSpecification: { AttributeName: 'forget_at', Enabled: true } }),
      ...(stream && { StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' } }),
    },
  };
};
