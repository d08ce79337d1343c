// What every service has, from the few words of its `custom.defaults`:
//
//   defaults:
//     table: {stream: true, byTime: true, byOwner: true, byQueue: true}   the service's own table: retained, recoverable, encrypted
//     queues:                                              a queue, its dead-letter queue and their alarms
//       inbound: {function: consumer}                      the function that reads it (its timeout sets the visibility)
//     subscriptions: {queue: inbound, events: {betsafi.payment: [DepositCompleted]}}
//     counted: {BetSetAside: what it means}                an alarm for each metric that the service counts when something is wrong
//     refusals: {cognito: SignUpRefused}                   what a function counts that refuses by raising: no failures
//     schedules:                                           what comes by the clock, and an alarm for when it does not
//       scan: {every: 1 day, queue: inbound, message: {scan: true}}        a message; or `function: name` instead of queue
//
// Logical names: Table, <Queue>Queue, <Queue>DeadLetterQueue, StreamFailureQueue, <Schedule>Rule, and an alarm for every edge; and
// ConfigurationAlarm, for what `betsafi.telemetry.misconfigured` counts; for a service with an API CallerRefusedAlarm.
// A table with a stream has a heartbeat: an item that a schedule writes and that must come out of the outbox.
'use strict';

const make = require('./alarm');
const renamed = require('./tables.json'); // restored tables that took the place of a first one, by stage and service

const BEAT_MINUTES = 5;
const pascal = (name) => name.charAt(0).toUpperCase() + name.slice(1);
const att = (resource, attribute) => ({ 'Fn::GetAtt': [resource, attribute] });

module.exports = async ({ resolveConfigurationProperty, resolveVariable }) => {
  const defaults = (await resolveConfigurationProperty(['custom', 'defaults'])) || {};
  const functions = (await resolveConfigurationProperty(['functions'])) || {};
  const service = (await resolveConfigurationProperty(['service'])).replace(/^betsafi-/, '');
  const stage = await resolveVariable('sls:stage');
  const Resources = {};
  const minutes = (every) => {
    const [count, unit] = every.split(' ');
    return Number(count) * { minute: 1, hour: 60, day: 1440 }[unit.replace(/s$/, '')];
  };

  const alarm = (description, namespace, name, dimensions, options = {}) => make.alarm(
    `${service} (${stage}): ${description}`, make.metric(namespace, name, dimensions), options);

  // A schedule is missed when the outbox lived through most of two of its periods and it ran in neither. A stage that is younger
  // than that has missed nothing; an outbox that stands still has an alarm of its own.
  const missed = (name, every) => make.alarm(`${service} (${stage}): the schedule ${name} did not run twice in a row`, {
    expression: `IF(beats > ${Math.floor(every / BEAT_MINUTES / 2)} AND FILL(runs, 0) < 1, 1, 0)`,
    of: {
      beats: make.metric('Betsafi', 'OutboxHeartbeat', { service, stage }),
      runs: make.metric('Betsafi', 'ScheduleRan', { service, stage, schedule: name }),
    },
  }, { Statistic: 'Sum', Period: 60 * every, EvaluationPeriods: 2 });

  const deadLetters = (name, description) => {
    Resources[`${name}Queue`] = {
      Type: 'AWS::SQS::Queue',
      Properties: { MessageRetentionPeriod: 1209600, SqsManagedSseEnabled: true },
    };
    Resources[`${name}Alarm`] = alarm(description, 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', {
      QueueName: att(`${name}Queue`, 'QueueName'),
    });
  };

  // The scheduler writes the item itself; the time in it makes each beat a change.
  const heartbeat = (key) => ({
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

  if (defaults.table) {
    const attribute = (name) => ({ AttributeName: name, AttributeType: 'S' });
    const key = (hash, range) => [
      { AttributeName: hash, KeyType: 'HASH' },
      { AttributeName: range, KeyType: 'RANGE' },
    ];
    const { stream, byTime, byOwner, byQueue } = defaults.table;
    const byGlobal = [...(byOwner ? ['owner'] : []), ...(byQueue ? ['queue'] : [])];
    Resources.Table = {
      Type: 'AWS::DynamoDB::Table',
      DeletionPolicy: stage === 'local' ? 'Delete' : 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        TableName: (renamed[stage] || {})[service] || `betsafi-${service}-${stage}`,
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: stage !== 'local',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: defaults.table.key ? { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: defaults.table.key } : { SSEEnabled: true },
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
      // Nothing counted is as bad as something wrong: a function that does not run says nothing.
      Resources.OutboxSilentAlarm = alarm('no heartbeat came through the outbox for 15 minutes: it stands still', 'Betsafi',
        'OutboxHeartbeat', { service, stage }, {
          Statistic: 'Sum', Period: 60 * BEAT_MINUTES, EvaluationPeriods: 3, Threshold: 1,
          ComparisonOperator: 'LessThanThreshold', TreatMissingData: 'breaching',
        });
      // Nobody waits for a heartbeat on the laptop, where each costs a start of the function.
      if (stage !== 'local') Object.assign(Resources, heartbeat(defaults.table.key));
    }
  }

  for (const [name, queue] of Object.entries(defaults.queues || {})) {
    const Name = pascal(name);
    deadLetters(`${Name}DeadLetter`, `messages of the ${name} queue failed for good; see the runbook, then redrive`);
    Resources[`${Name}Queue`] = {
      Type: 'AWS::SQS::Queue',
      Properties: {
        // Below six times the function's timeout a slow batch would be delivered twice.
        VisibilityTimeout: 6 * (functions[queue.function].timeout || 10),
        MessageRetentionPeriod: 1209600,
        SqsManagedSseEnabled: true,
        RedrivePolicy: { deadLetterTargetArn: att(`${Name}DeadLetterQueue`, 'Arn'), maxReceiveCount: stage === 'local' ? 6 : 60 },
        // On the laptop nobody wants to wait for minutes until a message is tried again whose function was killed.
        ...(stage === 'local' && { VisibilityTimeout: queue.localVisibility || 6 }),
      },
    };
    Resources[`${Name}AgeAlarm`] = alarm(`the oldest message of the ${name} queue has waited for 15 minutes`, 'AWS/SQS',
      'ApproximateAgeOfOldestMessage', { QueueName: att(`${Name}Queue`, 'QueueName') }, { Threshold: queue.ageAlarm || 900 });
  }

  for (const [metric, description] of Object.entries(defaults.counted || {})) {
    Resources[`${metric}Alarm`] = alarm(description, 'Betsafi', metric, { service, stage }, { Statistic: 'Sum', Period: 300 });
  }

  if (Object.keys(defaults.queues || {}).length) {
    Resources.MessageStuckAlarm = alarm('a message fails again and again; it is dead after 60 tries, which is four hours', 'Betsafi',
      'MessageStuck', { service, stage }, { Statistic: 'Sum', Period: 300 });
  }

  const allowed = {};
  const allow = (queue, rule) => { (allowed[pascal(queue)] ||= []).push(rule); };
  for (const { queue, events } of [].concat(defaults.subscriptions || [])) {
    const Name = pascal(queue);
    for (const [source, types] of Object.entries(events)) {
      const rule = `${Name}${pascal(source.replace('betsafi.', ''))}Rule`;
      Resources[rule] = {
        Type: 'AWS::Events::Rule',
        Properties: {
          EventBusName: `betsafi-${stage}`,
          EventPattern: { source: [source], 'detail-type': types },
          Targets: [{ Id: service, Arn: att(`${Name}Queue`, 'Arn'), DeadLetterConfig: { Arn: att(`${Name}DeadLetterQueue`, 'Arn') } }],
        },
      };
      allow(queue, rule);
    }
  }

  // Rules live on the bus: on one that was made anew there are none, and events match nothing. No metric shows that of one bus
  // (PutEvents are counted for the whole account, and the archive's own rule matches everything), so the publishers' heartbeats
  // must go on matching a rule of this service.
  const sources = [...new Set([].concat(defaults.subscriptions || []).flatMap(({ events }) => Object.keys(events)))];
  if (sources.length && stage !== 'local') {
    const Name = `betsafi-${service}-${stage}-bus`;
    const EventBusName = `betsafi-${stage}`;
    Resources.BusRule = {
      Type: 'AWS::Events::Rule',
      Properties: { Name, EventBusName, EventPattern: { source: sources, 'detail-type': ['OutboxHeartbeat'] } },
    };
    Resources.BusSilentAlarm = alarm('events are published and none matches a rule of this service: deploy platform, then this service',
      'AWS/Events', 'MatchedEvents', { EventBusName, RuleName: Name }, {
        Statistic: 'Sum', Period: 300, EvaluationPeriods: 3, Threshold: 1, ComparisonOperator: 'LessThanThreshold', TreatMissingData: 'breaching',
      });
  }

  for (const [name, { every, queue, function: runs, message }] of Object.entries(defaults.schedules || {})) {
    if (!defaults.table?.stream) throw new Error(`${service}: the schedule ${name} is watched beside an outbox, and there is none`);
    const rule = `${pascal(name)}Rule`;
    const dead = queue && { DeadLetterConfig: { Arn: att(`${pascal(queue)}DeadLetterQueue`, 'Arn') } };
    const arn = att(queue ? `${pascal(queue)}Queue` : `${pascal(runs)}LambdaFunction`, 'Arn');
    Resources[rule] = {
      Type: 'AWS::Events::Rule',
      Properties: {
        ScheduleExpression: `rate(${every})`,
        // The run counts itself under the schedule's name (betsafi.queue, or the function).
        Targets: [{ Id: name, Arn: arn, Input: JSON.stringify({ ...message, schedule: name }), ...dead }],
      },
    };
    Resources[`${pascal(name)}AbsentAlarm`] = missed(name, minutes(every));
    if (queue) allow(queue, rule);
    else {
      Resources[`${rule}Permission`] = {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          Action: 'lambda:InvokeFunction', FunctionName: arn, Principal: 'events.amazonaws.com', SourceArn: att(rule, 'Arn'),
        },
      };
    }
  }

  for (const [Name, rules] of Object.entries(allowed)) {
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

  // Only Lambda of this account may take a function's role. osls writes these roles; what stands here is merged into them.
  const ourLambda = { Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } } };
  for (const name of Object.keys(functions)) {
    Resources[`${pascal(name)}IamRoleLambdaExecution`] = {
      Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: { Statement: [ourLambda] } },
    };
  }

  // An API for other services: limits of its own, or one API uses up the account's, and an alarm for who is refused.
  // osls has no setting for the limits; they are merged into its stage.
  if (Object.values(functions).some(({ events = [] }) => events.some((event) => event.httpApi))) {
    Resources.HttpApiStage = {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: { DefaultRouteSettings: { ThrottlingRateLimit: 500, ThrottlingBurstLimit: 1000 } },
    };
    Resources.CallerRefusedAlarm = alarm('a service asked for what is not its own; its log line says which', 'Betsafi',
      'CallerRefused', { service, stage }, { Statistic: 'Sum' });
  }

  Resources.ConfigurationAlarm = alarm('another party refuses us until a person mends a key, a permission or a setting',
    'Betsafi', 'ConfigurationRefused', { service, stage }, { Statistic: 'Sum' });
  for (const name of Object.keys(functions)) {
    const errors = make.metric('AWS/Lambda', 'Errors', { FunctionName: { Ref: `${pascal(name)}LambdaFunction` } });
    const refused = (defaults.refusals || {})[name];
    // Cognito takes a refusal only as an exception, which Lambda counts as an error.
    const failures = refused
      ? { expression: 'errors - FILL(refused, 0)', of: { errors, refused: make.metric('Betsafi', refused, { service, stage }) } }
      : errors;
    Resources[`${pascal(name)}ErrorsAlarm`] = make.alarm(`${service} (${stage}): the ${name} function fails`, failures,
      { Statistic: 'Sum', Period: 300, Threshold: 5, EvaluationPeriods: refused ? 2 : 1 });
  }
  return { Resources };
};
