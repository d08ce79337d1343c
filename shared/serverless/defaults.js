// What every service has, from the few words of its `custom.defaults`:
//
//   defaults:
//     table: {byTime: true, byOwner: true, byQueue: true, forgets: true, key: !Ref Key}   the service's own table, with these indexes (table.js)
//     outbox: {handler: …, filters: […]}                   from the table's stream to the bus (outbox.js); `functions.stream` is its
//     queues:                                              a queue, its dead-letter queue and their alarms
//       inbound: {function: consumer}                      the function that reads it (its timeout sets the visibility)
//     subscriptions: {queue: inbound, events: {betsafi.payment: [DepositCompleted]}}
//     schedules:                                           what comes by the clock, and an alarm for when it does not
//       scan: {every: 1 day, queue: inbound, message: {scan: true}}        a message
//       audit: {every: 1 day, function: audit, failed: what it means}      a function, and a queue of its failures
//     api: ["POST /holds"]                                 the HTTP API for other services (api.js)
//     calls: {hold: {wallet: ["POST /holds"]}}             what may be called of others' (calls.js)
//     appsync: [graphql]                                   functions that AppSync calls, published as /betsafi/<stage>/<service>/<name>/arn
//     alarms: {BetSetAside: {says: what it means, ticket: market_alarms}}  a line each (alarms.js)
//     refusals: {cognito: SignUpRefused}                   what a function counts that refuses by raising: no failures
//
// Logical names: Table, <Queue>Queue, <Queue>DeadLetterQueue, StreamFailureQueue, <Schedule>Rule, <Function>FailureQueue, and an
// alarm for every edge; and ConfigurationAlarm, for what `betsafi.telemetry.misconfigured` counts.
'use strict';

const make = require('./alarm');
const { declared } = require('./alarms');
const api = require('./api');
const { att, pascal } = require('./names');
const outbox = require('./outbox');
const queues = require('./queues');
const table = require('./table');

// What the parts need to know of a service, and alarms and parameters as they make them.
async function aboutService({ resolveConfigurationProperty, resolveVariable }) {
  const service = (await resolveConfigurationProperty(['service'])).replace(/^betsafi-/, '');
  const stage = await resolveVariable('sls:stage');
  const mathAlarm = (description, metrics, options) => make.alarm(`${service} (${stage}): ${description}`, metrics, options);
  return {
    service,
    stage,
    functions: (await resolveConfigurationProperty(['functions'])) || {},
    ours: { service, stage }, // the dimensions of what our code counts
    metric: make.metric,
    mathAlarm,
    alarm: (description, namespace, name, dimensions, options) => mathAlarm(description, make.metric(namespace, name, dimensions), options),
    published: (name, Value) => ({ Type: 'AWS::SSM::Parameter', Properties: { Name: `/betsafi/${stage}/${service}/${name}`, Type: 'String', Value } }),
  };
}

// What AppSync calls: with SnapStart only a published version is fast, so the alias and not the function.
const appsync = ({ appsync: names = [] }, { functions, published }) => Object.fromEntries(names.map((name) => {
  const Name = pascal(name);
  const arn = functions[name].snapStart ? { Ref: `${Name}SnapStartLambdaAlias` } : att(`${Name}LambdaFunction`, 'Arn');
  return [`${Name}ArnParameter`, published(`${name}/arn`, arn)];
}));

// Only Lambda of this account may take a function's role. osls writes these roles; what stands here is merged into them.
const roles = ({ functions }) => {
  const ourLambda = { Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } } };
  return Object.fromEntries(Object.keys(functions).map((name) => [`${pascal(name)}IamRoleLambdaExecution`, {
    Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: { Statement: [ourLambda] } },
  }]));
};

// Cognito takes a refusal only as an exception, which Lambda counts as an error.
const functionAlarms = ({ refusals = {} }, { functions, mathAlarm, metric, ours }) => Object.fromEntries(Object.keys(functions).map((name) => {
  const errors = metric('AWS/Lambda', 'Errors', { FunctionName: { Ref: `${pascal(name)}LambdaFunction` } });
  const refused = refusals[name];
  const failures = refused ? { expression: 'errors - FILL(refused, 0)', of: { errors, refused: metric('Betsafi', refused, ours) } } : errors;
  return [`${pascal(name)}ErrorsAlarm`, mathAlarm(`the ${name} function fails`, failures,
    { Statistic: 'Sum', Period: 300, Threshold: 5, EvaluationPeriods: refused ? 2 : 1 })];
}));

module.exports = async (configuration) => {
  const defaults = (await configuration.resolveConfigurationProperty(['custom', 'defaults'])) || {};
  const about = await aboutService(configuration);
  if (defaults.api) about.apiUrl = await configuration.resolveVariable('param:apiUrl');
  return {
    Resources: {
      ...(defaults.table && { Table: table(defaults.table, { ...about, stream: Boolean(defaults.outbox) }) }),
      ...outbox.resources(defaults, about),
      ...queues(defaults, about),
      ...roles(about),
      ...api.resources(defaults, about),
      ...appsync(defaults, about),
      ...declared(defaults.alarms, about),
      ConfigurationAlarm: about.alarm('another party refuses us until a person mends a key, a permission or a setting',
        'Betsafi', 'ConfigurationRefused', about.ours, { Statistic: 'Sum' }),
      ...functionAlarms(defaults, about),
    },
  };
};
