// The API for M-Pesa's callbacks: POST /cb/{door}/{id}/{hmac} goes straight into the callback queue (shared/serverless/gate.js), because
// M-Pesa sends each only once. `door` is the kind: s (STK), b (B2C result), t (queue timeout), q (status), r (reversal), a (balance), c
// (paybill payment made). One kind is a question that M-Pesa waits for: v, whether a paybill payment is taken, which a function answers.
//
// M-Pesa's listed addresses pass the firewall uncounted. Only where so configured strangers are blocked altogether: the list is kept by
// hand, and what M-Pesa sends from a new address must reach us, with an alarm (CallbackSource), until the address is listed.
'use strict';
const gate = require('../shared/serverless/gate');

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
const accepted = '{"ResultCode":0,"ResultDesc":"Accepted"}';

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

// What a deployment is a snapshot of.
const api = (here, { rest, path, post, toQueue }) => ({
  ...rest("M-Pesa's callbacks, straight into a queue", {
    // Callbacks come to our own domain only, where there is one.
    ...(here.callbackDomain && { DisableExecuteApiEndpoint: true }),
    // Should the firewall be taken away, strangers are still refused.
    ...(here.refuseUnknownSources && { Policy: onlyFrom(here.sourceAddresses.split(',')) }),
  }),
  CallbackRoot: path('cb'),
  CallbackDoor: path('{door}', 'CallbackRoot'),
  CallbackPayment: path('{id}', 'CallbackDoor'),
  CallbackPath: path('{hmac}', 'CallbackPayment'),
  ValidationDoor: path('v', 'CallbackRoot'),
  ValidationPayment: path('{id}', 'ValidationDoor'),
  ValidationPath: path('{hmac}', 'ValidationPayment'),
  ValidationPost: post('ValidationPath', toFunction(here.validationArn)),
  CallbackPost: post('CallbackPath', toQueue(['door', 'id', 'hmac'], accepted, '{"ResultCode":1,"ResultDesc":"Not taken"}')),
});

const permission = (here) => ({
  ValidationPermission: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      Action: 'lambda:InvokeFunction',
      FunctionName: here.validationArn,
      Principal: 'apigateway.amazonaws.com',
      SourceArn: { 'Fn::Sub': 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${CallbackApi}/*/POST/cb/v/*/*' },
    },
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

module.exports = async ({ resolveConfigurationProperty, resolveVariable }) => {
  const here = await resolveConfigurationProperty(['custom', 'here']);
  const ours = gate({ id: 'Callback', service: 'payment', what: 'callbacks', queue: 'CallbacksQueue', stage: await resolveVariable('sls:stage') });
  return {
    Resources: {
      ...ours.deployed(api(here, ours)),
      ...permission(here),
      ...domain(here),
      ...ours.published(here.callbackDomain),
      ...ours.firewall({
        provider: 'M-Pesa', called: 'mpesa', addresses: here.sourceAddresses, strangers: here.refuseUnknownSources ? 'Block' : 'Allow',
      }),
    },
  };
};
