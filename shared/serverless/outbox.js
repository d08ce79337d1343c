// The outbox of a service: the function that reads its table's stream and publishes what it finds to the bus.
//
//   functions:
//     stream: ${file(../shared/serverless/outbox.js)}
//   custom:
//     defaults:
//       outbox:
//         handler: wallet/handlers/stream.handler
//         filters: [{Keys: {sk: {S: [ACCOUNT, HEARTBEAT]}}}]   a change that fits one of them starts the function; none: all do
//         description, environment, iamRoleStatements          what this outbox does and needs besides
//         timeout: 60, batchSize: 50                           30 seconds and 100 changes if nothing is said; so any other word of a function
//
// The table has a heartbeat: an item that a schedule writes and that must come out of the outbox.
'use strict';

const { att } = require('./names');
const { BEAT_MINUTES, deadLetters } = require('./queues');

const DAY_LESS_AN_HOUR = 82800; // a stream forgets after a day; what could not be published until then is put aside before

const events = (filters, batchSize) => [{
  stream: {
    type: 'dynamodb',
    arn: att('Table', 'StreamArn'),
    batchSize,
    batchWindow: 0,
    startingPosition: 'TRIM_HORIZON',
    maximumRecordAgeInSeconds: DAY_LESS_AN_HOUR,
    bisectBatchOnFunctionError: true,
    destinations: { onFailure: { type: 'sqs', arn: att('StreamFailureQueue', 'Arn') } },
    ...(filters && { filterPatterns: filters.map((pattern) => ({ dynamodb: pattern })) }),
  },
}];

module.exports = async ({ resolveConfigurationProperty, resolveVariable }) => {
  const outbox = await resolveConfigurationProperty(['custom', 'defaults', 'outbox']);
  const { filters, batchSize = 100, description, environment, iamRoleStatements = [], ...more } = outbox;
  const service = (await resolveConfigurationProperty(['service'])).replace(/^betsafi-/, '');
  const bus = `/betsafi/${await resolveVariable('sls:stage')}/platform/bus`;
  return {
    description: `Outbox, from the table's stream to the bus${description ? `, ${description}` : ''}`,
    timeout: 30,
    ...more,
    environment: { BUS_NAME: { 'Fn::Sub': `{{resolve:ssm:${bus}/name}}` }, PARKING_URL: { Ref: 'StreamFailureQueue' }, ...environment },
    events: events(filters, batchSize),
    iamRoleStatements: [
      ...iamRoleStatements,
      { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: att('StreamFailureQueue', 'Arn') },
      {
        Effect: 'Allow',
        Action: 'events:PutEvents',
        Resource: { 'Fn::Sub': `{{resolve:ssm:${bus}/arn}}` },
        Condition: {
          'ForAllValues:StringEquals': { 'events:source': [`betsafi.${service}`] },
          Null: { 'events:source': await resolveVariable('param:eventsSourceIsNull') },
        },
      },
    ],
  };
};

// The scheduler writes the item itself; the time in it makes each beat a change.
const heartbeat = (service, key) => ({
  Heartbeat: {
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      Description: `A heartbeat through the outbox of ${service}`,
      ScheduleExpression: `rate(${BEAT_MINUTES} minutes)`,
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: { 'Fn::Sub': 'arn:${AWS::Partition}:scheduler:::aws-sdk:dynamodb:putItem' },
        RoleArn: att('HeartbeatRole', 'Arn'),
        Input: { 'Fn::Sub': '{"TableName":"${Table}","Item":{"pk":{"S":"HEARTBEAT"},"sk":{"S":"HEARTBEAT"},"beat":{"S":"<aws.scheduler.scheduled-time>"}}}' },
        RetryPolicy: { MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 3 },
        DeadLetterConfig: { Arn: att('StreamFailureQueue', 'Arn') },
      },
    },
  },
  HeartbeatRole: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{
          Effect: 'Allow', Principal: { Service: 'scheduler.amazonaws.com' }, Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        }],
      },
      Policies: [{
        PolicyName: 'beat',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: att('Table', 'Arn'),
              Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['HEARTBEAT'] } } },
            { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: att('StreamFailureQueue', 'Arn') },
            ...(key ? [{ Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: att(key.Ref, 'Arn') }] : []),
          ],
        },
      }],
    },
  },
});

/** What watches an outbox: the queue of what it could not publish, its heartbeat, and their alarms. */
module.exports.resources = ({ table, outbox }, about) => {
  if (!outbox) return {};
  const { alarm, ours, service, stage } = about;
  return {
    ...deadLetters('StreamFailure', 'changes that could not become events are waiting to be looked at', about),
    StreamAgeAlarm: alarm('the outbox is an hour behind; a stream forgets after 24', 'AWS/Lambda', 'IteratorAge',
      { FunctionName: { Ref: 'StreamLambdaFunction' } }, { Threshold: 3600000 }),
    // Nothing counted is as bad as something wrong: a function that does not run says nothing.
    OutboxSilentAlarm: alarm('no heartbeat came through the outbox for 15 minutes: it stands still', 'Betsafi', 'OutboxHeartbeat', ours, {
      Statistic: 'Sum', Period: 60 * BEAT_MINUTES, EvaluationPeriods: 3, Threshold: 1,
      ComparisonOperator: 'LessThanThreshold', TreatMissingData: 'breaching',
    }),
    // Nobody waits for a heartbeat on the laptop, where each costs a start of the function.
    ...(stage !== 'local' && heartbeat(service, table.key)),
  };
};
