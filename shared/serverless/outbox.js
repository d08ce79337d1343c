// What watches an outbox: the function that reads a table's stream and publishes what it finds to the bus. The table has a heartbeat:
// an item that a schedule writes and that must come out of the outbox.
'use strict';

const { att } = require('./names');
const { BEAT_MINUTES, deadLetters } = require('./queues');

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
module.exports = ({ table }, about) => {
  if (!table?.stream) return {};
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
