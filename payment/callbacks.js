// The API for M-Pesa's callbacks: POST /cb/{door}/{id}/{hmac} goes straight into the callback queue, before any code of
// ours runs, because M-Pesa sends each only once. `door` is the kind: s (STK), b (B2C result), t (queue timeout), q
// (status), r (reversal), a (balance), c (paybill payment made). One kind is a question that M-Pesa waits for: v, whether
// a paybill payment is taken, which a function answers.
//
// The message is JSON whose values are percent-encoded, so that any body survives: SQS refuses some characters.
// A deployment is a snapshot of an API, so its logical name carries a hash of what it is a snapshot of.
'use strict';
const crypto = require('crypto');

const att = (resource, attribute) => ({ 'Fn::GetAtt': [resource, attribute] });
const value = (reference) => `$util.urlEncode($util.urlEncode(${reference}))`;
const fields = {
  door: value("$input.params('door')"),
  id: value("$input.params('id')"),
  hmac: value("$input.params('hmac')"),
  source: value('$context.identity.sourceIp'),
  body: value('$input.body'),
};
const members = Object.entries(fields).map(([name, text]) => `%22${name}%22%3A%22${text}%22`).join('%2C');
const template = `Action=SendMessage&MessageBody=%7B${members}%7D`;
const onlyFrom = (addresses) => ({
  Version: '2012-10-17',
  Statement: [{
    Effect: 'Allow',
    Principal: '*',
    Action: 'execute-api:Invoke',
    Resource: 'execute-api:/*',
    Condition: { IpAddress: { 'aws:SourceIp': addresses } },
  }],
});
// A template is found by the whole header, its parameters included; what finds none is answered 415, and lost.
const charsets = ['', ';charset=UTF-8', '; charset=UTF-8', ';charset=utf-8', '; charset=utf-8', ';charset=ISO-8859-1', '; charset=ISO-8859-1'];
const contentTypes = ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'text/xml', 'text/html']
  .flatMap((type) => charsets.map((charset) => type + charset)).concat('application/octet-stream');
// One line a request. The path is left out: whoever knows the HMAC in it can post as M-Pesa.
const logged = JSON.stringify({
  requestId: '$context.requestId', at: '$context.requestTime', from: '$context.identity.sourceIp',
  method: '$context.httpMethod', resource: '$context.resourcePath', status: '$context.status', error: '$context.error.responseType',
  milliseconds: '$context.responseLatency', answered: '$context.integrationStatus',
});
const accepted = '{"ResultCode":0,"ResultDesc":"Accepted"}';

const resource = (parent, path) => ({
  Type: 'AWS::ApiGateway::Resource',
  Properties: { RestApiId: { Ref: 'CallbackApi' }, ParentId: parent, PathPart: path },
});
const paths = {
  CallbackRoot: resource(att('CallbackApi', 'RootResourceId'), 'cb'),
  CallbackDoor: resource({ Ref: 'CallbackRoot' }, '{door}'),
  CallbackPayment: resource({ Ref: 'CallbackDoor' }, '{id}'),
  CallbackPath: resource({ Ref: 'CallbackPayment' }, '{hmac}'),
  ValidationDoor: resource({ Ref: 'CallbackRoot' }, 'v'),
  ValidationPayment: resource({ Ref: 'ValidationDoor' }, '{id}'),
  ValidationPath: resource({ Ref: 'ValidationPayment' }, '{hmac}'),
};

const post = (path, more) => ({
  Type: 'AWS::ApiGateway::Method',
  Properties: { RestApiId: { Ref: 'CallbackApi' }, ResourceId: { Ref: path }, HttpMethod: 'POST', AuthorizationType: 'NONE', ...more },
});

const toFunction = (arn) => ({
  Integration: {
    Type: 'AWS_PROXY',
    IntegrationHttpMethod: 'POST',
    Uri: {
      'Fn::Sub': [
        'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Function}/invocations',
        { Function: arn },
      ],
    },
  },
});

const toQueue = {
  RequestParameters: Object.fromEntries(['door', 'id', 'hmac'].map((name) => [`method.request.path.${name}`, true])),
  Integration: {
    Type: 'AWS',
    IntegrationHttpMethod: 'POST',
    Credentials: att('CallbackApiRole', 'Arn'),
    Uri: { 'Fn::Sub': 'arn:${AWS::Partition}:apigateway:${AWS::Region}:sqs:path/${AWS::AccountId}/${CallbacksQueue.QueueName}' },
    RequestParameters: { 'integration.request.header.Content-Type': "'application/x-www-form-urlencoded'" },
    RequestTemplates: Object.fromEntries(contentTypes.map((type) => [type, template])),
    PassthroughBehavior: 'NEVER',
    IntegrationResponses: [
      { StatusCode: '200', SelectionPattern: '2\\d\\d', ResponseTemplates: { 'application/json': accepted } },
      { StatusCode: '503', ResponseTemplates: { 'application/json': '{"ResultCode":1,"ResultDesc":"Not taken"}' } },
    ],
  },
  MethodResponses: [{ StatusCode: '200' }, { StatusCode: '503' }],
};

// What a deployment is a snapshot of.
const api = (here, stage) => ({
  CallbackApi: {
    Type: 'AWS::ApiGateway::RestApi',
    Properties: {
      Name: `betsafi-payment-callbacks-${stage}`,
      Description: "M-Pesa's callbacks, straight into a queue",
      EndpointConfiguration: { Types: ['REGIONAL'] },
      // Callbacks come to our own domain only, where there is one.
      ...(here.callbackDomain && { DisableExecuteApiEndpoint: true }),
      // Should the firewall be taken away, strangers are still refused.
      ...(here.refuseUnknownSources && { Policy: onlyFrom(here.sourceAddresses.split(',')) }),
    },
  },
  ...paths,
  ValidationPost: post('ValidationPath', toFunction(here.validationArn)),
  CallbackPost: post('CallbackPath', toQueue),
});

const permissions = (here) => ({
  ValidationPermission: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: here.validationArn,
      Principal: 'apigateway.amazonaws.com',
      SourceArn: { 'Fn::Sub': 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${CallbackApi}/*/POST/cb/v/*/*' },
    },
  },
  CallbackApiRole: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'apigateway.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
      Policies: [{
        PolicyName: 'send',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: att('CallbacksQueue', 'Arn') }],
        },
      }],
    },
  },
});

const stageOf = (stage, deployment) => ({
  [deployment]: {
    Type: 'AWS::ApiGateway::Deployment',
    DependsOn: ['CallbackPost', 'ValidationPost'],
    Properties: { RestApiId: { Ref: 'CallbackApi' } },
  },
  CallbackStage: {
    Type: 'AWS::ApiGateway::Stage',
    Properties: {
      StageName: stage,
      RestApiId: { Ref: 'CallbackApi' },
      DeploymentId: { Ref: deployment },
      MethodSettings: [{ ResourcePath: '/*', HttpMethod: '*', ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 2000 }],
      AccessLogSetting: { DestinationArn: att('CallbackLog', 'Arn'), Format: logged },
    },
  },
  CallbackLog: {
    Type: 'AWS::Logs::LogGroup',
    Properties: { LogGroupName: `/betsafi/${stage}/payment/callbacks`, RetentionInDays: 30 },
  },
});

const domain = (here) => here.callbackDomain && {
  CallbackDomain: {
    Type: 'AWS::ApiGateway::DomainName',
    Properties: {
      DomainName: here.callbackDomain,
      RegionalCertificateArn: here.callbackCertificateArn,
      EndpointConfiguration: { Types: ['REGIONAL'] },
      SecurityPolicy: 'TLS_1_2',
    },
  },
  CallbackMapping: {
    Type: 'AWS::ApiGateway::BasePathMapping',
    Properties: { DomainName: { Ref: 'CallbackDomain' }, RestApiId: { Ref: 'CallbackApi' }, Stage: { Ref: 'CallbackStage' } },
  },
};

function address(here, stage) {
  if (stage === 'local') return `${process.env.AWS_ENDPOINT_URL || 'http://127.0.0.1:4566'}/_aws/execute-api/\${CallbackApi}/local`;
  return here.callbackDomain ? `https://${here.callbackDomain}` : `https://\${CallbackApi}.execute-api.\${AWS::Region}.\${AWS::URLSuffix}/${stage}`;
}

module.exports = async ({ resolveConfigurationProperty, resolveVariable }) => {
  const here = await resolveConfigurationProperty(['custom', 'here']);
  const stage = await resolveVariable('sls:stage');
  const snapshot = api(here, stage);
  const hash = crypto.createHash('sha256').update(JSON.stringify(snapshot)).digest('hex').slice(0, 12);
  return {
    Resources: {
      ...snapshot,
      ...permissions(here),
      ...stageOf(stage, `CallbackDeployment${hash}`),
      ...domain(here),
      CallbackUrlParameter: {
        Type: 'AWS::SSM::Parameter',
        Properties: { Name: `/betsafi/${stage}/payment/callbacks/url`, Type: 'String', Value: { 'Fn::Sub': address(here, stage) } },
      },
    },
  };
};
