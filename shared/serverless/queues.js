// Queues, each with its dead-letter queue; what the bus and the clock send to them; and the alarms of all that.
'use strict';

const { att, pascal } = require('./names');

const TWO_WEEKS = 1209600;
const BEAT_MINUTES = 5; // how often a heartbeat goes through an outbox

/** A queue of what failed for good, and the alarm that something is in it. */
const deadLetters = (name, description, { alarm }) => ({
  [`${name}Queue`]: { Type: 'AWS::SQS::Queue', Properties: { MessageRetentionPeriod: TWO_WEEKS, SqsManagedSseEnabled: true } },
  [`${name}Alarm`]: alarm(description, 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName: att(`${name}Queue`, 'QueueName') }),
});

function queue(name, { function: reader, localVisibility, ageAlarm }, about) {
  const { alarm, functions, stage } = about;
  const Name = pascal(name);
  return {
    ...deadLetters(`${Name}DeadLetter`, `messages of the ${name} queue failed for good; see the runbook, then redrive`, about),
    [`${Name}Queue`]: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        // Below six times the function's timeout a slow batch would be delivered twice.
        VisibilityTimeout: 6 * (functions[reader].timeout || 10),
        MessageRetentionPeriod: TWO_WEEKS,
        SqsManagedSseEnabled: true,
        RedrivePolicy: { deadLetterTargetArn: att(`${Name}DeadLetterQueue`, 'Arn'), maxReceiveCount: stage === 'local' ? 6 : 60 },
        // On the laptop nobody wants to wait for minutes until a message is tried again whose function was killed.
        ...(stage === 'local' && { VisibilityTimeout: localVisibility || 6 }),
      },
    },
    [`${Name}AgeAlarm`]: alarm(`the oldest message of the ${name} queue has waited for 15 minutes`, 'AWS/SQS',
      'ApproximateAgeOfOldestMessage', { QueueName: att(`${Name}Queue`, 'QueueName') }, { Threshold: ageAlarm || 900 }),
  };
}

/** The queues of a service and their alarms. */
function queues({ queues: wanted = {} }, about) {
  const made = Object.entries(wanted).map(([name, each]) => queue(name, each, about));
  if (!made.length) return {};
  return Object.assign({}, ...made, {
    MessageStuckAlarm: about.alarm('a message fails again and again; it is dead after 60 tries, which is four hours', 'Betsafi',
      'MessageStuck', about.ours, { Statistic: 'Sum', Period: 300 }),
  });
}

/** The bus's rules, one for each queue and publisher; `allow` is called with the rule and its queue. */
function subscriptions({ subscriptions: wanted = [] }, { service, stage, alarm }, allow) {
  const EventBusName = `betsafi-${stage}`;
  const made = {};
  for (const { queue: name, events } of [].concat(wanted)) {
    const Name = pascal(name);
    for (const [source, types] of Object.entries(events)) {
      const rule = `${Name}${pascal(source.replace('betsafi.', ''))}Rule`;
      made[rule] = {
        Type: 'AWS::Events::Rule',
        Properties: {
          EventBusName,
          EventPattern: { source: [source], 'detail-type': types },
          Targets: [{ Id: service, Arn: att(`${Name}Queue`, 'Arn'), DeadLetterConfig: { Arn: att(`${Name}DeadLetterQueue`, 'Arn') } }],
        },
      };
      allow(name, rule);
    }
  }

  // Rules live on the bus: on one that was made anew there are none, and events match nothing. No metric shows that of one bus
  // (PutEvents are counted for the whole account, and the archive's own rule matches everything), so the publishers' heartbeats
  // must go on matching a rule of this service.
  const sources = [...new Set([].concat(wanted).flatMap(({ events }) => Object.keys(events)))];
  if (sources.length && stage !== 'local') {
    const Name = `betsafi-${service}-${stage}-bus`;
    made.BusRule = {
      Type: 'AWS::Events::Rule',
      Properties: { Name, EventBusName, EventPattern: { source: sources, 'detail-type': ['OutboxHeartbeat'] } },
    };
    made.BusSilentAlarm = alarm('events are published and none matches a rule of this service: deploy platform, then this service',
      'AWS/Events', 'MatchedEvents', { EventBusName, RuleName: Name }, {
        Statistic: 'Sum', Period: 300, EvaluationPeriods: 3, Threshold: 1, ComparisonOperator: 'LessThanThreshold', TreatMissingData: 'breaching',
      });
  }
  return made;
}

const minutesOf = (every) => {
  const [count, unit] = every.split(' ');
  return Number(count) * { minute: 1, hour: 60, day: 1440 }[unit.replace(/s$/, '')];
};

// A schedule is missed when the outbox lived through most of two of its periods and it ran in neither. A stage that is younger
// than that has missed nothing; an outbox that stands still has an alarm of its own.
const missed = (name, every, { mathAlarm, metric, ours }) => mathAlarm(`the schedule ${name} did not run twice in a row`, {
  expression: `IF(beats > ${Math.floor(every / BEAT_MINUTES / 2)} AND FILL(runs, 0) < 1, 1, 0)`,
  of: { beats: metric('Betsafi', 'OutboxHeartbeat', ours), runs: metric('Betsafi', 'ScheduleRan', { ...ours, schedule: name }) },
}, { Statistic: 'Sum', Period: 60 * every, EvaluationPeriods: 2 });

function schedule(name, { every, queue: to, function: runs, message, failed }, about, allow) {
  const rule = `${pascal(name)}Rule`;
  const arn = att(to ? `${pascal(to)}Queue` : `${pascal(runs)}LambdaFunction`, 'Arn');
  const dead = to && { DeadLetterConfig: { Arn: att(`${pascal(to)}DeadLetterQueue`, 'Arn') } };
  if (to) allow(to, rule);
  return {
    [rule]: {
      Type: 'AWS::Events::Rule',
      Properties: {
        ScheduleExpression: `rate(${every})`,
        // The run counts itself under the schedule's name (betsafi.queue, or the function).
        Targets: [{ Id: name, Arn: arn, Input: JSON.stringify({ ...message, schedule: name }), ...dead }],
      },
    },
    [`${pascal(name)}AbsentAlarm`]: missed(name, minutesOf(every), about),
    ...(!to && {
      [`${rule}Permission`]: {
        Type: 'AWS::Lambda::Permission',
        Properties: { Action: 'lambda:InvokeFunction', FunctionName: arn, Principal: 'events.amazonaws.com', SourceArn: att(rule, 'Arn') },
      },
      ...deadLetters(`${pascal(runs)}Failure`, failed, about),
    }),
  };
}

/** What comes by the clock, and an alarm for when it does not. */
function schedules({ schedules: wanted = {}, outbox }, about, allow) {
  return Object.assign({}, ...Object.entries(wanted).map(([name, each]) => {
    if (!outbox) throw new Error(`${about.service}: the schedule ${name} is watched beside an outbox, and there is none`);
    return schedule(name, each, about, allow);
  }));
}

/** Let these rules, and nothing else of EventBridge, send to a queue and to its dead-letter queue. */
const policy = (Name, rules) => ({
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
});

/** Everything around a service's queues. */
module.exports = (defaults, about) => {
  const allowed = {};
  const allow = (name, rule) => { (allowed[pascal(name)] ||= []).push(rule); };
  const made = { ...queues(defaults, about), ...subscriptions(defaults, about, allow), ...schedules(defaults, about, allow) };
  const policies = Object.entries(allowed).map(([Name, rules]) => [`${Name}QueuePolicy`, policy(Name, rules)]);
  return { ...made, ...Object.fromEntries(policies) };
};
Object.assign(module.exports, { BEAT_MINUTES, deadLetters });
