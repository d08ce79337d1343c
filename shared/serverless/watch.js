// A plugin: what people watch a service by, made from its whole template, so that nothing has to be listed twice.
//
// - an alarm for every function (throttled, close to its timeout), table (throttled) and API (failures, latency; refusals of an API
//   that strangers may call), and API key (ends); each alarm, whoever made it, reaches the topic and names the runbook that alarms.js says
// - one composite alarm of what a deployment can break within minutes, and its use as a rollback trigger (`rollbackMinutes`)
// - a dashboard with saved log queries (dashboard.js)
// - a firewall before every AppSync API and user pool (firewall.js)
// - what a stage chooses: `reservedConcurrency`, `xray`
//
//   plugins: {localPath: ../shared/serverless, modules: [betsafi, ..., watch]}
//   custom: {watch: "${file(../shared/serverless/watch.yml)}"}
'use strict';

const fs = require('fs');
const path = require('path');
const { alarm, metric } = require('./alarm');
const { lineOf } = require('./alarms');
const dashboard = require('./dashboard');
const firewall = require('./firewall');
const { att, ofType } = require('./names');

const UNRESERVED = 100; // what Lambda insists on keeping for all other functions of the account
const DEPLOYMENTS_BREAK = /(Errors|Throttles|Failures|Latency)Alarm$|^(MessageStuck|Configuration)Alarm$/;
const RUNBOOKS = path.join(__dirname, '../../docs/runbooks');
const TOPICS = { page: 'alarms', ticket: 'tickets' };

const base = (id) => id.replace(/LambdaFunction$/, '');
const mentions = (value, id) => JSON.stringify(value).includes(`"${id}"`);

// Return the number of executions set aside for each function of the service. Throws a sentence where that cannot be.
function reserved(template, { service, settings }) {
  const wanted = settings.reservedConcurrency || {};
  const account = Number(settings.accountConcurrency);
  const numbers = Object.values(wanted).flatMap(Object.values).map(Number);
  for (const name of Object.keys(wanted)) {
    if (!fs.existsSync(path.join(__dirname, '..', '..', name, 'serverless.yml'))) {
      throw new Error(`reservedConcurrency names the service ${name}, which there is not.`);
    }
  }
  if (numbers.some((number) => !Number.isInteger(number) || number < 1)) {
    throw new Error('reservedConcurrency takes whole numbers from 1: a function with 0 would never run.');
  }
  const left = account - numbers.reduce((sum, number) => sum + number, 0);
  if (numbers.length && !(left >= UNRESERVED)) {
    throw new Error(`reservedConcurrency leaves ${left} of the account's ${account} executions to all other functions; Lambda asks for ${UNRESERVED}. `
      + 'Reserve less, or have the limit raised and say so in accountConcurrency.');
  }
  const fed = [...ofType(template, 'AWS::Lambda::EventSourceMapping'), ...ofType(template, 'AWS::Events::Rule')];
  return Object.entries(wanted[service] || {}).map(([name, number]) => {
    const id = `${name[0].toUpperCase()}${name.slice(1)}LambdaFunction`;
    if (!template.Resources[id]) throw new Error(`reservedConcurrency names ${service}.${name}, which is no function.`);
    if (fed.some(([, resource]) => mentions(resource, id))) {
      throw new Error(`reservedConcurrency is for functions that somebody waits for; nobody waits for ${service}.${name}.`);
    }
    return [id, Number(number)];
  });
}

// X-Ray follows requests through what AWS itself runs: no code of ours imports anything for it.
function trace(template) {
  const statement = { Effect: 'Allow', Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], Resource: '*' };
  for (const [, { Properties }] of ofType(template, 'AWS::Lambda::Function')) {
    Properties.TracingConfig = { Mode: 'Active' };
    template.Resources[Properties.Role['Fn::GetAtt'][0]].Properties.Policies.push(
      { PolicyName: 'xray', PolicyDocument: { Version: '2012-10-17', Statement: [statement] } });
  }
  for (const [, { Properties }] of ofType(template, 'AWS::ApiGateway::Stage')) Properties.TracingEnabled = true;
  for (const [, { Properties }] of ofType(template, 'AWS::AppSync::GraphQLApi')) Properties.XrayEnabled = true;
}

function functionAlarms(template, about) {
  return ofType(template, 'AWS::Lambda::Function').flatMap(([id, { Properties }]) => {
    const measured = (name) => metric('AWS/Lambda', name, { FunctionName: { Ref: id } });
    const name = base(id).toLowerCase();
    return [
      [`${base(id)}ThrottlesAlarm`, alarm(`${about}: Lambda refused to run the ${name} function, for want of concurrency`,
        measured('Throttles'), { Statistic: 'Sum', Period: 300 })],
      [`${base(id)}DurationAlarm`, alarm(`${about}: the ${name} function ran for four fifths of its ${Properties.Timeout} seconds`,
        measured('Duration'), { Period: 300, Threshold: 800 * Properties.Timeout })],
    ];
  });
}

function tableAlarms(template, about) {
  return ofType(template, 'AWS::DynamoDB::Table').map(([id, { Properties }]) => {
    const indexes = (Properties.GlobalSecondaryIndexes || []).map(({ IndexName }) => ({ GlobalSecondaryIndexName: IndexName }));
    const of = Object.fromEntries([{}, ...indexes].flatMap((index, n) => ['Read', 'Write'].map((kind) => (
      [`${kind.toLowerCase()}${n}`, metric('AWS/DynamoDB', `${kind}ThrottleEvents`, { TableName: { Ref: id }, ...index })]
    ))));
    return [`${id}ThrottlesAlarm`, alarm(`${about}: DynamoDB throttles the table or an index`,
      { expression: 'SUM(FILL(METRICS(), 0))', of }, { Statistic: 'Sum', Period: 300, Threshold: 10 })];
  });
}

// Latency is what nine (AppSync) or ninety-nine (API Gateway) in ten or a hundred requests stay below. A deposit waits for M-Pesa and
// may take 20 seconds; the wallet is waited for by every bet; M-Pesa waits 8 seconds for the answer about a payment.
function apiAlarms(template, about) {
  const slow = (ExtendedStatistic, Threshold) => (
    { ExtendedStatistic, Threshold, Period: 300, EvaluationPeriods: 3, EvaluateLowSampleCountPercentile: 'ignore' });
  const kinds = {
    'AWS::AppSync::GraphQLApi': (id) => ['AWS/AppSync', { GraphQLAPIId: att(id, 'ApiId') }, '5XXError', slow('p90', 3000)],
    'AWS::ApiGatewayV2::Api': (id) => ['AWS/ApiGateway', { ApiId: { Ref: id } }, '5xx', slow('p99', 1000)],
    'AWS::ApiGateway::RestApi': (id, { Name }) => (
      ['AWS/ApiGateway', { ApiName: Name }, '5XXError', slow('p99', isOpen(template, id) ? 5000 : 1000)]),
  };
  return Object.entries(kinds).flatMap(([type, kind]) => ofType(template, type).flatMap(([id, { Properties }]) => {
    const [namespace, dimensions, failures, latency] = kind(id, Properties);
    const found = [
      [`${id}FailuresAlarm`, alarm(`${about}: ${id} fails`, metric(namespace, failures, dimensions),
        { Statistic: 'Sum', Period: 300, Threshold: 5 })],
      [`${id}LatencyAlarm`, alarm(`${about}: ${id} has been slow for a quarter of an hour`, metric(namespace, 'Latency', dimensions), latency)],
    ];
    // Other services' refusals are answers, and people's too; what a provider is refused never comes again.
    if (isOpen(template, id)) {
      found.push([`${id}RefusalsAlarm`, alarm(`${about}: ${id} has refused requests for a quarter of an hour; were they a provider's?`,
        metric(namespace, '4XXError', dimensions), { Statistic: 'Sum', Period: 300, EvaluationPeriods: 3, Threshold: 5 })]);
    }
    return found;
  }));
}

// An API key ends on a day that each deployment moves on. Told a month before, and somebody is woken in the last week. EPOCH is the
// moment of each period, whatever the metric itself says.
const keyAlarms = (template, about) => ofType(template, 'AWS::AppSync::ApiKey').flatMap(([id, { Properties }]) => (
  Object.entries({ Ends: 30, LastWeek: 7 }).map(([name, Threshold]) => [
    `${id}${name}Alarm`,
    alarm(`${about}: ${id} ends within ${Threshold} days, and with it the lobby of who is not signed in; deploy the service`,
      { expression: `(${Properties.Expires} - EPOCH(requests)) / 86400`, of: { requests: metric('AWS/AppSync', '4XXError', { GraphQLAPIId: Properties.ApiId }) } },
      { Period: 3600, Threshold, ComparisonOperator: 'LessThanThreshold' }),
  ])));

const isOpen = (template, api) => ofType(template, 'AWS::ApiGateway::Method').some(([, { Properties }]) => (
  Properties.RestApiId.Ref === api && Properties.AuthorizationType === 'NONE'));

// Send every alarm to the topic of its severity, which the platform publishes, and write its runbook into it.
function direct(template, { service, stage, alarms }) {
  for (const [id, { Properties }] of ofType(template, 'AWS::CloudWatch::Alarm')) {
    const { severity, runbook } = lineOf(service, alarms, id);
    if (!fs.existsSync(path.join(RUNBOOKS, `${runbook}.md`))) throw new Error(`${service}: ${id} names docs/runbooks/${runbook}.md, which is not there.`);
    const topic = { 'Fn::Sub': `{{resolve:ssm:/betsafi/${stage}/platform/${TOPICS[severity]}/arn}}` };
    Properties.AlarmDescription += `. See docs/runbooks/${runbook}.md`;
    Properties.AlarmActions = [topic];
    Properties.OKActions = [topic];
  }
}

function composite(template, { service, stage }) {
  const rule = ofType(template, 'AWS::CloudWatch::Alarm').map(([id]) => id).filter((id) => DEPLOYMENTS_BREAK.test(id));
  return {
    Type: 'AWS::CloudWatch::CompositeAlarm',
    Properties: {
      AlarmName: `betsafi-${service}-${stage}`,
      AlarmDescription: `${service} (${stage}): something that a deployment can break; a deployment that sees it is rolled back`,
      AlarmRule: { 'Fn::Sub': rule.map((id) => `ALARM("\${${id}}")`).join(' OR ') },
    },
  };
}

function watch(template, about) {
  const { service, stage, settings } = about;
  const { Resources } = template;
  const name = `${service} (${stage})`;
  for (const [id, number] of reserved(template, about)) Resources[id].Properties.ReservedConcurrentExecutions = number;
  if (String(settings.xray) === 'true') trace(template);
  for (const alarms of [functionAlarms, tableAlarms, apiAlarms, keyAlarms]) Object.assign(Resources, Object.fromEntries(alarms(template, name)));
  if (stage !== 'local') Object.assign(Resources, firewall(template, about));
  direct(template, about);
  if (stage === 'local') {
    // The emulator knows neither metric math nor composite alarms nor saved queries, and nobody watches a laptop.
    for (const [id, { Properties }] of ofType(template, 'AWS::CloudWatch::Alarm')) if (Properties.Metrics) delete Resources[id];
    return;
  }
  if (ofType(template, 'AWS::CloudWatch::Alarm').some(([id]) => DEPLOYMENTS_BREAK.test(id))) Resources.DeploymentAlarm = composite(template, about);
  if (ofType(template, 'AWS::Lambda::Function').length) Object.assign(Resources, dashboard(template, about));
}

// Return what CloudFormation shall watch during a deployment. A stack that has no composite alarm yet, which is so the first time, is
// deployed without; and 0 minutes take the trigger away again, which CloudFormation would remember.
async function rollbackConfiguration({ service, stage, settings }, describe) {
  const minutes = Number(settings.rollbackMinutes);
  const stack = minutes > 0 && await describe('DeploymentAlarm');
  if (!stack) return { RollbackTriggers: [] };
  const [, partition, , region, account] = stack.split(':');
  const Arn = `arn:${partition}:cloudwatch:${region}:${account}:alarm:betsafi-${service}-${stage}`;
  return { MonitoringTimeInMinutes: minutes, RollbackTriggers: [{ Arn, Type: 'AWS::CloudWatch::CompositeAlarm' }] };
}

// Return the id of the stack that has the resource, or nothing where neither is there yet.
async function stackWith(provider, LogicalResourceId) {
  const { CloudFormationClient, DescribeStackResourceCommand } = require('@aws-sdk/client-cloudformation');
  const client = new CloudFormationClient(await provider.getAwsSdkV3Config());
  try {
    const StackName = provider.naming.getStackName();
    const { StackResourceDetail } = await client.send(new DescribeStackResourceCommand({ StackName, LogicalResourceId }));
    const exists = /^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(StackResourceDetail.ResourceStatus);
    return exists ? StackResourceDetail.StackId : undefined;
  } catch (error) {
    if (error.name === 'ValidationError' && /does not exist/.test(error.message)) return undefined;
    throw error;
  }
}

module.exports = class Watch {
  constructor(serverless) {
    const about = () => ({
      service: serverless.service.service.replace(/^betsafi-/, ''),
      stage: serverless.getProvider('aws').getStage(),
      settings: serverless.service.custom.watch,
      alarms: (serverless.service.custom.defaults || {}).alarms || {},
    });
    this.hooks = {
      'after:aws:package:finalize:mergeCustomProviderResources': () => {
        watch(serverless.service.provider.compiledCloudFormationTemplate, about());
      },
      'before:aws:deploy:deploy:updateStack': async () => {
        const { provider } = serverless.service;
        if (about().stage === 'local' || provider.shouldNotDeploy) return;
        provider.rollbackConfiguration = await rollbackConfiguration(about(), (id) => stackWith(serverless.getProvider('aws'), id));
      },
    };
  }
};
Object.assign(module.exports, { watch, rollbackConfiguration });
