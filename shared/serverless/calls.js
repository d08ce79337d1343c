// What the functions of a service may call of other services' APIs, by names of the service's own:
//
//   custom:
//     defaults:
//       calls: {hold: {wallet: ["POST /holds", "POST /holds/*/release"]}}
//       later: [payment]
//   functions:
//     graphql: {iamRoleStatements: ["${file(../shared/serverless/calls.js):hold}", "${file(../shared/serverless/calls.js):later}"]}
//
// Of a service that is deployed `later`, because it calls this one, neither the id of its API nor its address are known here: the
// id is any, which an operation's own look at its caller narrows to this stage, and `later` is the permission to look the address up.
'use strict';

module.exports = async ({ resolveConfigurationProperty, resolveVariable }) => {
  const { calls = {}, later = [] } = (await resolveConfigurationProperty(['custom', 'defaults'])) || {};
  const stage = await resolveVariable('sls:stage');
  const id = (service) => (later.includes(service) ? '*' : `{{resolve:ssm:/betsafi/${stage}/${service}/api/id}}`);
  const arn = (service, operation) => ({
    'Fn::Sub': `arn:\${AWS::Partition}:execute-api:\${AWS::Region}:\${AWS::AccountId}:${id(service)}/$default/${operation.replace(' ', '')}`,
  });
  const allow = (Action, arns) => ({ Effect: 'Allow', Action, Resource: arns.length > 1 ? arns : arns[0] });
  const published = (service) => ({
    'Fn::Sub': `arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter/betsafi/${stage}/${service}/api/url`,
  });
  return {
    ...Object.fromEntries(Object.entries(calls).map(([name, of]) => [name, allow('execute-api:Invoke',
      Object.entries(of).flatMap(([service, operations]) => operations.map((operation) => arn(service, operation))))])),
    ...(later.length && { later: allow('ssm:GetParameter', later.map(published)) }),
  };
};
