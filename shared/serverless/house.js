// What every service of the house has, from the few words of its `custom.house`:
//
//   house:
//     table: {stream: true, byTime: true, byOwner: true, byQueue: true}   the service's own table: retained, recoverable, encrypted
//     queues:                                              a queue, its dead-letter queue and their alarms
//       inbound: {function: consumer}                      the function that reads it (its timeout sets the visibility)
//     subscriptions: {queue: inbound, events: {betsafi.payment: [DepositCompleted]}}
//
// Logical names: Table, <Queue>Queue, <Queue>DeadLetterQueue, StreamFailureQueue, and an alarm for every edge; and
// ConfigurationAlarm, for what `betsafi.telemetry.misconfigured` counts.
'use strict';

const pascal = (name) => name.charAt(0).toUpperCase() + name.slice(1);
const att = (resource, attribute) => ({ 'Fn::GetAtt': [resource, attribute] });

module.exports = async ({ resolveConfigurationProperty, resolveVariable }) => {
  const house = (await resolveConfigurationProperty(['custom', 'house'])) || {};
  const functions = (await resolveConfigurationProperty(['functions'])) || {};
  const service = (await resolveConfigurationProperty(['service'])).replace(/^betsafi-/, '');
  const stage = await resolveVariable('sls:stage');
  const alarmTopic = { 'Fn::Sub': `{{resolve:ssm:/betsafi/${stage}/platform/alarms/arn}}` };
  const Resources = {};

  const alarm = (description, namespace, metric, dimensions, options = {}) => ({
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmDescription: `${service} (${stage}): ${description}`,
      Namespace: namespace,
      MetricName: metric,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      Statistic: 'Maximum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [alarmTopic],
      OKActions: [alarmTopic],
      ...options,
    },
  });

  const deadLetters = (name, description) => {
    Resources[`${name}Queue`] = {
      Type: 'AWS::SQS::Queue',
      Properties: { MessageRetentionPeriod: 1209600, SqsManagedSseEnabled: true },
    };
    Resources[`${name}Alarm`] = alarm(description, 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', {
      QueueName: att(`${name}Queue`, 'QueueName'),
    });
  };

  if (house.table) {
    const attribute = (name) => ({ AttributeName: name, AttributeType: 'S' });
    const key = (hash, range) => [
      { AttributeName: hash, KeyType: 'HASH' },
      { AttributeName: range, KeyType: 'RANGE' },
    ];
    const { stream, byTime, byOwner, byQueue } = house.table;
    const byGlobal = [...(byOwner ? ['owner'] : []), ...(byQueue ? ['queue'] : [])];
    Resources.Table = {
      Type: 'AWS::DynamoDB::Table',
      DeletionPolicy: stage === 'local' ? 'Delete' : 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        TableName: `betsafi-${service}-${stage}`,
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: stage !== 'local',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: house.table.key ? { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: house.table.key } : { SSEEnabled: true },
        AttributeDefinitions: ['pk', 'sk', ...(byTime || byGlobal.length ? ['at'] : []), ...byGlobal].map(attribute),
        KeySchema: key('pk', 'sk'),
        ...(byTime && { LocalSecondaryIndexes: [
          { IndexName: 'by_time', KeySchema: key('pk', 'at'), Projection: { ProjectionType: 'KEYS_ONLY' } },
        ] }),
        ...(byGlobal.length && { GlobalSecondaryIndexes: byGlobal.map((name) => (
          { IndexName: `by_${name}`, KeySchema: key(name, 'at'), Projection: { ProjectionType: 'ALL' } }
        )) }),
        ...(stream && { StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' } }),
      },
    };
    if (stream) {
      deadLetters('StreamFailure', 'changes that could not become events are waiting to be looked at');
      Resources.StreamAgeAlarm = alarm('the outbox is an hour behind; a stream forgets after 24', 'AWS/Lambda', 'IteratorAge',
        { FunctionName: { Ref: 'StreamLambdaFunction' } }, { Threshold: 3600000 });
    }
  }

  for (const [name, queue] of Object.entries(house.queues || {})) {
    const Name = pascal(name);
    deadLetters(`${Name}DeadLetter`, `messages of the ${name} queue failed for good; see the runbook, then redrive`);
    Resources[`${Name}Queue`] = {
      Type: 'AWS::SQS::Queue',
      Properties: {
        // Below six times the function's timeout a slow batch would be delivered twice.
        VisibilityTimeout: 6 * (functions[queue.function].timeout || 10),
        MessageRetentionPeriod: 1209600,
        SqsManagedSseEnabled: true,
        RedrivePolicy: { deadLetterTargetArn: att(`${Name}DeadLetterQueue`, 'Arn'), maxReceiveCount: queue.maxReceive || 5 },
        // On the laptop nobody wants to wait for minutes until a failed message is tried again.
        ...(stage === 'local' && { VisibilityTimeout: queue.localVisibility || 6 }),
      },
    };
    Resources[`${Name}AgeAlarm`] = alarm(`the oldest message of the ${name} queue has waited for 15 minutes`, 'AWS/SQS',
      'ApproximateAgeOfOldestMessage', { QueueName: att(`${Name}Queue`, 'QueueName') }, { Threshold: queue.ageAlarm || 900 });
  }

  for (const { queue, events } of [].concat(house.subscriptions || [])) {
    const Name = pascal(queue);
    const rules = Object.entries(events).map(([source, types]) => {
      const rule = `${Name}${pascal(source.replace('betsafi.', ''))}Rule`;
      Resources[rule] = {
        Type: 'AWS::Events::Rule',
        Properties: {
          EventBusName: `betsafi-${stage}`,
          EventPattern: { source: [source], 'detail-type': types },
          Targets: [{ Id: service, Arn: att(`${Name}Queue`, 'Arn'), DeadLetterConfig: { Arn: att(`${Name}DeadLetterQueue`, 'Arn') } }],
        },
      };
      return rule;
    });
    Resources[`${Name}QueuePolicy`] = {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [{ Ref: `${Name}Queue` }, { Ref: `${Name}DeadLetterQueue` }],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [{
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: [att(`${Name}Queue`, 'Arn'), att(`${Name}DeadLetterQueue`, 'Arn')],
            Condition: { ArnEquals: { 'aws:SourceArn': rules.map((rule) => att(rule, 'Arn')) } },
          }],
        },
      },
    };
  }

  Resources.ConfigurationAlarm = alarm('another party refuses us until a person mends a key, a permission or a setting',
    'Betsafi', 'ConfigurationRefused', { service, stage }, { Statistic: 'Sum' });
  for (const name of Object.keys(functions)) {
    Resources[`${pascal(name)}ErrorsAlarm`] = alarm(`the ${name} function fails`, 'AWS/Lambda', 'Errors',
      { FunctionName: { Ref: `${pascal(name)}LambdaFunction` } }, { Statistic: 'Sum', Period: 300, Threshold: 5 });
  }
  return { Resources };
};
