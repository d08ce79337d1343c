// The API to which Africa's Talking reports how messages ended: POST /reports/{carrier}/{hmac} goes straight into the reports queue, before any
// code of ours runs. It is there only where that carrier carries SMS. The message is JSON whose values are percent-encoded, so that any
// body survives. Reports are not signed, so the path has an HMAC of the carrier's name, and whoever is not listed may send few.
'use strict';
const crypto = require('crypto');

const { logged } = require('../shared/serverless/firewall');

const MINUTE = 60;
const att = (resource, attribute) => ({ 'Fn::GetAtt': [resource, attribute] });
const value = (reference) => `$util.urlEncode($util.urlEncode(${reference}))`;
const fields = {
  carrier: value("$input.params('carrier')"),
  hmac: value("$input.params('hmac')"),
  source: value('$context.identity.sourceIp'),
  body: value('$input.body'),
};
const members = Object.entries(fields).map(([name, text]) => `%22${name}%22%3A%22${text}%22`).join('%2C');
const template = `Action=SendMessage&MessageBody=%7B${members}%7D`;
// A template is found by the whole header, its parameters included; what finds none is answered 415, and lost.
const charsets = ['', ';charset=UTF-8', '; charset=UTF-8', ';charset=utf-8', '; charset=utf-8', ';charset=ISO-8859-1', '; charset=ISO-8859-1'];
const contentTypes = ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'text/xml', 'text/html']
  .flatMap((type) => charsets.map((charset) => type + charset)).concat('application/octet-stream');
// One line a request. The path is left out: whoever knows the HMAC in it can report.
const line = JSON.stringify({
  requestId: '$context.requestId', at: '$context.requestTime', from: '$context.identity.sourceIp', method: '$context.httpMethod',
  resource: '$context.resourcePath', status: '$context.status', error: '$context.error.responseType', milliseconds: '$context.responseLatency',
});

const resource = (parent, path) => ({
  Type: 'AWS::ApiGateway::Resource',
  Properties: { RestApiId: { Ref: 'ReportApi' }, ParentId: parent, PathPart: path },
});

// What a deployment is a snapshot of.
const api = (stage) => ({
  ReportApi: {
    Type: 'AWS::ApiGateway::RestApi',
    Properties: {
      Name: `betsafi-notifications-reports-${stage}`,
      Description: "Carriers' reports of messages, straight into a queue",
      EndpointConfiguration: { Types: ['REGIONAL'] },
    },
  },
  ReportRoot: resource(att('ReportApi', 'RootResourceId'), 'reports'),
  ReportCarrier: resource({ Ref: 'ReportRoot' }, '{carrier}'),
  ReportPath: resource({ Ref: 'ReportCarrier' }, '{hmac}'),
  ReportPost: {
    Type: 'AWS::ApiGateway::Method',
    Properties: {
      RestApiId: { Ref: 'ReportApi' }, ResourceId: { Ref: 'ReportPath' }, HttpMethod: 'POST', AuthorizationType: 'NONE',
      RequestParameters: { 'method.request.path.carrier': true, 'method.request.path.hmac': true },
      Integration: {
        Type: 'AWS',
        IntegrationHttpMethod: 'POST',
        Credentials: att('ReportApiRole', 'Arn'),
        Uri: { 'Fn::Sub': 'arn:${AWS::Partition}:apigateway:${AWS::Region}:sqs:path/${AWS::AccountId}/${ReportsQueue.QueueName}' },
        RequestParameters: { 'integration.request.header.Content-Type': "'application/x-www-form-urlencoded'" },
        RequestTemplates: Object.fromEntries(contentTypes.map((type) => [type, template])),
        PassthroughBehavior: 'NEVER',
        IntegrationResponses: [
          { StatusCode: '200', SelectionPattern: '2\\d\\d', ResponseTemplates: { 'application/json': '{}' } },
          { StatusCode: '503', ResponseTemplates: { 'application/json': '{}' } },
        ],
      },
      MethodResponses: [{ StatusCode: '200' }, { StatusCode: '503' }],
    },
  },
});

const around = (stage, deployment) => ({
  ReportApiRole: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'apigateway.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
      Policies: [{
        PolicyName: 'send',
        PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: att('ReportsQueue', 'Arn') }] },
      }],
    },
  },
  [deployment]: { Type: 'AWS::ApiGateway::Deployment', DependsOn: ['ReportPost'], Properties: { RestApiId: { Ref: 'ReportApi' } } },
  ReportStage: {
    Type: 'AWS::ApiGateway::Stage',
    Properties: {
      StageName: stage,
      RestApiId: { Ref: 'ReportApi' },
      DeploymentId: { Ref: deployment },
      MethodSettings: [{ ResourcePath: '/*', HttpMethod: '*', ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 2000 }],
      AccessLogSetting: { DestinationArn: att('ReportLog', 'Arn'), Format: line },
    },
  },
  ReportLog: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: `/betsafi/${stage}/notifications/reports`, RetentionInDays: 30 } },
});

// As before M-Pesa's callbacks: listed addresses pass uncounted, everybody else together may send a twentieth of what the stage takes.
function firewall(stage, addresses) {
  if (stage === 'local') return {};
  const counted = (name) => ({ MetricName: `betsafi-${stage}-reports-${name}`, CloudWatchMetricsEnabled: true, SampledRequestsEnabled: true });
  const listed = { IPSetReferenceStatement: { Arn: att('ReportAddresses', 'Arn') } };
  const atMost = (name, priority, perSecond, together) => ({
    Name: name, Priority: priority, Action: { Block: {} }, VisibilityConfig: counted(name),
    Statement: { RateBasedStatement: { Limit: perSecond * MINUTE, EvaluationWindowSec: MINUTE, ...together } },
  });
  return {
    ReportAddresses: {
      Type: 'AWS::WAFv2::IPSet',
      Properties: {
        Description: "The addresses that the carrier reports from, as stages.yml lists them", Scope: 'REGIONAL', IPAddressVersion: 'IPV4',
        Addresses: addresses.split(',').map((each) => each.trim()).filter(Boolean).map((each) => `${each}/32`),
      },
    },
    ReportFirewall: {
      Type: 'AWS::WAFv2::WebACL',
      Properties: {
        Name: `betsafi-notifications-reports-${stage}`, Description: 'The carrier passes, strangers are few', Scope: 'REGIONAL',
        DefaultAction: { Allow: {} }, VisibilityConfig: counted('all'),
        Rules: [
          { Name: 'carrier', Priority: 0, Statement: listed, Action: { Allow: {} }, VisibilityConfig: counted('carrier') },
          atMost('address', 1, 20, { AggregateKeyType: 'IP' }),
          atMost('strangers', 2, 50, { AggregateKeyType: 'CONSTANT', ScopeDownStatement: { NotStatement: { Statement: listed } } }),
        ],
      },
    },
    ...logged('ReportFirewall', `betsafi-notifications-reports-${stage}`, { UriPath: {} }),
    ReportFirewallInPlace: {
      Type: 'AWS::WAFv2::WebACLAssociation',
      Properties: {
        WebACLArn: att('ReportFirewall', 'Arn'),
        ResourceArn: { 'Fn::Sub': 'arn:${AWS::Partition}:apigateway:${AWS::Region}::/restapis/${ReportApi}/stages/${ReportStage}' },
      },
    },
  };
}

// What Africa's Talking knows us by. On AWS it begins with blanks and a generated key, is filled in by hand and kept for ever.
//
// NEVER CHANGE `GenerateSecretString`: CloudFormation would write it over what people filled in.
const secret = (stage) => ({
  CarrierSecret: {
    Type: 'AWS::SecretsManager::Secret',
    DeletionPolicy: stage === 'local' ? 'Delete' : 'RetainExceptOnCreate',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      Name: `betsafi/${stage}/notifications/carrier`,
      Description: "Africa's Talking's account and the key of our report address",
      ...(stage === 'local'
        ? { SecretString: JSON.stringify({ username: 'local', apiKey: 'local-api-key', reportKey: 'local-report-key' }) }
        : { GenerateSecretString: { SecretStringTemplate: '{"username":"","apiKey":""}', GenerateStringKey: 'reportKey', PasswordLength: 64, ExcludePunctuation: true } }),
    },
  },
});

function address(stage) {
  if (stage === 'local') return `${process.env.AWS_ENDPOINT_URL || 'http://127.0.0.1:4566'}/_aws/execute-api/\${ReportApi}/local`;
  return `https://\${ReportApi}.execute-api.\${AWS::Region}.\${AWS::URLSuffix}/${stage}`;
}

module.exports = async ({ resolveConfigurationProperty, resolveVariable }) => {
  const { smsCarrier, reportAddresses } = await resolveConfigurationProperty(['custom', 'here']);
  const stage = await resolveVariable('sls:stage');
  if (smsCarrier !== 'africastalking') return { Resources: {} };
  const snapshot = api(stage);
  const hash = crypto.createHash('sha256').update(JSON.stringify(snapshot)).digest('hex').slice(0, 12);
  return {
    Resources: {
      ...snapshot,
      ...around(stage, `ReportDeployment${hash}`),
      ...firewall(stage, reportAddresses),
      ...secret(stage),
      ReportUrlParameter: {
        Type: 'AWS::SSM::Parameter',
        Properties: { Name: `/betsafi/${stage}/notifications/reports/url`, Type: 'String', Value: { 'Fn::Sub': address(stage) } },
      },
    },
  };
};
