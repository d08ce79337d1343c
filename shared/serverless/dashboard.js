// A service's dashboard and its saved log queries, from its compiled template: everything that has a metric is on it.
'use strict';

const { ofType } = require('./names');

const text = (markdown, height = 2) => ({ type: 'text', width: 24, height, properties: { markdown } });
const region = '${AWS::Region}';

// `metrics` are rows as CloudWatch wants them: [namespace, metric, dimension, value, …, {stat}].
const graph = (title, metrics, properties = {}, width = 12) => ({
  type: 'metric', width, height: 6, properties: { title, metrics, region, period: 300, stat: 'Sum', ...properties },
});

// Lay widgets out from left to right, in rows of 24; return the resource.
function dashboard(name, widgets) {
  let x = 0; let y = 0; let high = 0;
  const placed = widgets.map((widget) => {
    if (x + widget.width > 24) { x = 0; y += high; high = 0; }
    const at = { ...widget, x, y };
    x += widget.width;
    high = Math.max(high, widget.height);
    return at;
  });
  return {
    Type: 'AWS::CloudWatch::Dashboard',
    Properties: { DashboardName: name, DashboardBody: { 'Fn::Sub': JSON.stringify({ widgets: placed }) } },
  };
}

function functionWidgets(template) {
  const functions = ofType(template, 'AWS::Lambda::Function').map(([id]) => `\${${id}}`);
  const each = (metric, properties) => functions.map((name) => ['AWS/Lambda', metric, 'FunctionName', name, properties || {}]);
  return [
    graph('Functions: runs', each('Invocations')),
    graph('Functions: failures and throttles', [...each('Errors'), ...each('Throttles')]),
    graph('Functions: duration, p99', each('Duration'), { stat: 'p99' }),
    graph('Functions: how many at once', each('ConcurrentExecutions'), { stat: 'Maximum' }),
  ];
}

function queueWidgets(template) {
  const queues = ofType(template, 'AWS::SQS::Queue').map(([id]) => `\${${id}.QueueName}`);
  const each = (metric) => queues.map((name) => ['AWS/SQS', metric, 'QueueName', name]);
  if (!queues.length) return [];
  return [
    graph('Queues: age of the oldest message', each('ApproximateAgeOfOldestMessage'), { stat: 'Maximum' }),
    graph('Queues: messages that wait', each('ApproximateNumberOfMessagesVisible'), { stat: 'Maximum' }),
  ];
}

function tableWidgets(template) {
  const tables = ofType(template, 'AWS::DynamoDB::Table').map(([id]) => `\${${id}}`);
  const each = (metric) => tables.map((name) => ['AWS/DynamoDB', metric, 'TableName', name]);
  if (!tables.length) return [];
  return [
    graph('Table: units', [...each('ConsumedReadCapacityUnits'), ...each('ConsumedWriteCapacityUnits')]),
    graph('Table: throttles', [...each('ReadThrottleEvents'), ...each('WriteThrottleEvents')]),
  ];
}

function apiWidgets(template) {
  const kinds = {
    'AWS::AppSync::GraphQLApi': ['AWS/AppSync', 'GraphQLAPIId', (id) => `\${${id}.ApiId}`, ['5XXError', '4XXError']],
    'AWS::ApiGatewayV2::Api': ['AWS/ApiGateway', 'ApiId', (id) => `\${${id}}`, ['5xx', '4xx']],
    'AWS::ApiGateway::RestApi': ['AWS/ApiGateway', 'ApiName', (id, { Name }) => Name, ['5XXError', '4XXError']],
  };
  return Object.entries(kinds).flatMap(([type, [namespace, dimension, value, refusals]]) => (
    ofType(template, type).flatMap(([id, { Properties }]) => {
      const row = (metric, properties = {}) => [namespace, metric, dimension, value(id, Properties), properties];
      return [
        graph(`${id}: failures and refusals`, refusals.map((metric) => row(metric))),
        graph(`${id}: latency`, ['p50', 'p90', 'p99'].map((stat) => row('Latency', { stat }))),
      ];
    })));
}

const FAILURES = 'fields @timestamp, level, message, correlation_id, error | filter level in ["ERROR", "CRITICAL", "WARNING"] '
  + 'or @message like /Task timed out|Runtime exited/ | sort @timestamp desc | limit 100';

const QUERIES = {
  failures: FAILURES,
  // Put the id in: it is in every log line and every event of what one request began, in all services.
  'what one request did': 'fields @timestamp, service, level, message | filter correlation_id = "ID" | sort @timestamp',
  'slow runs': 'filter @type = "REPORT" | stats count(), avg(@duration), pct(@duration, 99), max(@duration), max(@maxMemoryUsed) / 1000000 by @log',
  refusals: 'filter ispresent(error) and level = "INFO" | stats count() by error | sort `count()` desc',
};

// Return the dashboard of a service, and its saved queries.
module.exports = (template, { service, stage }) => {
  const groups = ofType(template, 'AWS::Logs::LogGroup').map(([id]) => id);
  const alarms = ofType(template, 'AWS::CloudWatch::Alarm').map(([id]) => `\${${id}.Arn}`);
  const sources = groups.map((id) => `SOURCE '\${${id}}'`).join(' | ');
  const widgets = [
    text(`# ${service} (${stage})\nWhat each alarm means and what to do: docs/runbooks, by the name at the end of its description. `
      + `Saved log queries: betsafi/${stage}/${service}.`),
    { type: 'alarm', width: 24, height: 4, properties: { title: 'Alarms', alarms: alarms.slice(0, 100) } },
    ...apiWidgets(template), ...functionWidgets(template), ...queueWidgets(template), ...tableWidgets(template),
    { type: 'log', width: 24, height: 8, properties: { title: 'Failures', region, view: 'table', query: `${sources} | ${FAILURES}` } },
  ];
  const saved = Object.entries(QUERIES).map(([name, QueryString], n) => [`LogQuery${n}`, {
    Type: 'AWS::Logs::QueryDefinition',
    Properties: { Name: `betsafi/${stage}/${service}/${name}`, QueryString, LogGroupNames: groups.map((id) => ({ Ref: id })) },
  }]);
  return { Dashboard: dashboard(`betsafi-${service}-${stage}`, widgets), ...Object.fromEntries(saved) };
};
Object.assign(module.exports, { dashboard, graph, text });
