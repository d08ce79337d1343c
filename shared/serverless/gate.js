// The gate of a provider that posts to us unsigned: a REST API whose posts go straight into a queue, before any code of ours runs, since
// many send each only once; and what stands before it.
//
// The message is JSON whose values are percent-encoded, so that any body survives: SQS refuses some characters.
// A deployment is a snapshot of an API, so its logical name carries a hash of what it is a snapshot of.
'use strict';
const crypto = require('crypto');

const { alarm, metric } = require('./alarm');
const { logged } = require('./firewall');
const { att } = require('./names');

const MINUTE = 60;
// Requests a minute: of one unlisted address, and of all of them together, a twentieth of what the stage takes.
const ONE = 10 * MINUTE;
const ALL = 50 * MINUTE;

const value = (reference) => `$util.urlEncode($util.urlEncode(${reference}))`;
// A template is found by the whole header, its parameters included; what finds none is answered 415, and lost.
const charsets = ['', ';charset=UTF-8', '; charset=UTF-8', ';charset=utf-8', '; charset=utf-8', ';charset=ISO-8859-1', '; charset=ISO-8859-1'];
const contentTypes = ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'text/xml', 'text/html']
  .flatMap((type) => charsets.map((charset) => type + charset)).concat('application/octet-stream');
// One line a request. The path is left out: whoever knows the HMAC in it can post as the provider.
const line = JSON.stringify({
  requestId: '$context.requestId', at: '$context.requestTime', from: '$context.identity.sourceIp',
  method: '$context.httpMethod', resource: '$context.resourcePath', status: '$context.status', error: '$context.error.responseType',
  milliseconds: '$context.responseLatency', answered: '$context.integrationStatus',
});

const nameOf = ({ service, what, stage }) => `betsafi-${service}-${what}-${stage}`;
const apiOf = (id) => ({ RestApiId: { Ref: `${id}Api` } });

const rest = ({ id, service, what, stage }, Description, more) => ({
  [`${id}Api`]: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: nameOf({ service, what, stage }), Description, EndpointConfiguration: { Types: ['REGIONAL'] }, ...more } },
});

const path = ({ id }, PathPart, parent) => ({
  Type: 'AWS::ApiGateway::Resource',
  Properties: { ...apiOf(id), ParentId: parent ? { Ref: parent } : att(`${id}Api`, 'RootResourceId'), PathPart },
});

const post = ({ id }, resource, more) => ({
  Type: 'AWS::ApiGateway::Method',
  Properties: { ...apiOf(id), ResourceId: { Ref: resource }, HttpMethod: 'POST', AuthorizationType: 'NONE', ...more },
});

// The message has the path's `parameters`, who posted and the body. `taken` and `refused` are the bodies of our answers.
function toQueue({ id, queue }, parameters, taken, refused) {
  const fields = {
    ...Object.fromEntries(parameters.map((parameter) => [parameter, value(`$input.params('${parameter}')`)])),
    source: value('$context.identity.sourceIp'),
    body: value('$input.body'),
  };
  const members = Object.entries(fields).map(([field, text]) => `%22${field}%22%3A%22${text}%22`).join('%2C');
  const template = `Action=SendMessage&MessageBody=%7B${members}%7D`;
  return {
    RequestParameters: Object.fromEntries(parameters.map((parameter) => [`method.request.path.${parameter}`, true])),
    Integration: {
      Type: 'AWS',
      IntegrationHttpMethod: 'POST',
      Credentials: att(`${id}ApiRole`, 'Arn'),
      Uri: { 'Fn::Sub': `arn:\${AWS::Partition}:apigateway:\${AWS::Region}:sqs:path/\${AWS::AccountId}/\${${queue}.QueueName}` },
      RequestParameters: { 'integration.request.header.Content-Type': "'application/x-www-form-urlencoded'" },
      RequestTemplates: Object.fromEntries(contentTypes.map((type) => [type, template])),
      PassthroughBehavior: 'NEVER',
      IntegrationResponses: [
        { StatusCode: '200', SelectionPattern: '2\\d\\d', ResponseTemplates: { 'application/json': taken } },
        { StatusCode: '503', ResponseTemplates: { 'application/json': refused } },
      ],
    },
    MethodResponses: [{ StatusCode: '200' }, { StatusCode: '503' }],
  };
}

const role = ({ id, queue }) => ({
  [`${id}ApiRole`]: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'apigateway.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
      Policies: [{
        PolicyName: 'send',
        PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: att(queue, 'Arn') }] },
      }],
    },
  },
});

// What is deployed of a `snapshot`: all that `rest`, `path` and `post` made.
function deployed({ id, service, what, queue, stage }, snapshot) {
  const deployment = `${id}Deployment${crypto.createHash('sha256').update(JSON.stringify(snapshot)).digest('hex').slice(0, 12)}`;
  const methods = Object.keys(snapshot).filter((resource) => snapshot[resource].Type === 'AWS::ApiGateway::Method').sort();
  return {
    ...snapshot,
    ...role({ id, queue }),
    [deployment]: { Type: 'AWS::ApiGateway::Deployment', DependsOn: methods, Properties: apiOf(id) },
    [`${id}Stage`]: {
      Type: 'AWS::ApiGateway::Stage',
      Properties: {
        StageName: stage,
        ...apiOf(id),
        DeploymentId: { Ref: deployment },
        MethodSettings: [{ ResourcePath: '/*', HttpMethod: '*', ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 2000 }],
        AccessLogSetting: { DestinationArn: att(`${id}Log`, 'Arn'), Format: line },
      },
    },
    [`${id}Log`]: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: `/betsafi/${stage}/${service}/${what}`, RetentionInDays: 30 } },
  };
}

function at({ id, stage }, domain) {
  if (stage === 'local') return `${process.env.AWS_ENDPOINT_URL || 'http://127.0.0.1:4566'}/_aws/execute-api/\${${id}Api}/local`;
  return domain ? `https://${domain}` : `https://\${${id}Api}.execute-api.\${AWS::Region}.\${AWS::URLSuffix}/${stage}`;
}

const published = ({ id, service, what, stage }, domain) => ({
  [`${id}UrlParameter`]: {
    Type: 'AWS::SSM::Parameter',
    Properties: { Name: `/betsafi/${stage}/${service}/${what}/url`, Type: 'String', Value: { 'Fn::Sub': at({ id, stage }, domain) } },
  },
});

// The stage's limits are for everybody together: whoever found the address could use them up, and what the provider sent meanwhile would
// be answered 429. So its listed addresses pass uncounted, and everybody else together may send few; more is blocked before API Gateway
// counts it. AWS WAF needs some seconds to see a flood, and the stage's limits are wide so that they outlast them.
function firewall({ id, service, what, stage }, { provider, called, addresses, strangers = 'Allow' }) {
  // The emulator knows no WAF before a stage, and reports no address.
  if (stage === 'local') return {};
  const name = nameOf({ service, what, stage });
  const counted = (by) => ({ MetricName: `betsafi-${stage}-${by}`, CloudWatchMetricsEnabled: true, SampledRequestsEnabled: true });
  const listed = { IPSetReferenceStatement: { Arn: att(`${id}Addresses`, 'Arn') } };
  const atMost = (rule, Priority, Limit, together) => ({
    Name: rule,
    Priority,
    Statement: { RateBasedStatement: { Limit, EvaluationWindowSec: MINUTE, ...together } },
    Action: { Block: {} },
    VisibilityConfig: counted(rule),
  });
  return {
    [`${id}Addresses`]: {
      Type: 'AWS::WAFv2::IPSet',
      Properties: {
        Description: `${provider}: the addresses that it calls from, as stages.yml lists them`,
        Scope: 'REGIONAL',
        IPAddressVersion: 'IPV4',
        Addresses: addresses.split(',').filter(Boolean).map((address) => `${address.trim()}/32`),
      },
    },
    [`${id}Firewall`]: {
      Type: 'AWS::WAFv2::WebACL',
      Properties: {
        Name: name,
        Description: `${provider} passes, strangers are few`,
        Scope: 'REGIONAL',
        DefaultAction: { [strangers]: {} },
        VisibilityConfig: counted(what),
        Rules: [
          { Name: called, Priority: 0, Statement: listed, Action: { Allow: {} }, VisibilityConfig: counted(called) },
          atMost('address', 1, ONE, { AggregateKeyType: 'IP' }),
          atMost('strangers', 2, ALL, { AggregateKeyType: 'CONSTANT', ScopeDownStatement: { NotStatement: { Statement: listed } } }),
        ],
      },
    },
    [`${id}FloodAlarm`]: alarm(`${service} (${stage}): the firewall blocks ${what} from addresses that are not on the list of ${provider}`,
      metric('AWS/WAFV2', 'BlockedRequests', { WebACL: `betsafi-${stage}-${what}`, Region: { Ref: 'AWS::Region' }, Rule: 'ALL' }),
      { Statistic: 'Sum', Period: 300 }),
    // Without the path: whoever knows the HMAC in it can post as the provider.
    ...logged(`${id}Firewall`, name, { UriPath: {} }),
    [`${id}FirewallInPlace`]: {
      Type: 'AWS::WAFv2::WebACLAssociation',
      Properties: {
        WebACLArn: att(`${id}Firewall`, 'Arn'),
        ResourceArn: { 'Fn::Sub': `arn:\${AWS::Partition}:apigateway:\${AWS::Region}::/restapis/\${${id}Api}/stages/\${${id}Stage}` },
      },
    },
  };
}

// `own`: logical names begin with `id`; `queue` is the logical name of the queue that posts go into; `what` they are.
module.exports = (own) => Object.fromEntries(
  Object.entries({ rest, path, post, toQueue, deployed, published, firewall }).map(([name, part]) => [name, (...given) => part(own, ...given)]),
);
