// What the functions of a service may call of other services' APIs, by names of the service's own:
//
//   custom:
//     defaults:
//       calls: {hold: {wallet: ["POST /holds", "POST /holds/*/release"]}}
//   functions:
//     graphql: {iamRoleStatements: ["${file(../shared/serverless/calls.js):hold}"]}
'use strict';

module.exports = async ({ resolveConfigurationProperty, resolveVariable }) => {
  const calls = (await resolveConfigurationProperty(['custom', 'defaults', 'calls'])) || {};
  const stage = await resolveVariable('sls:stage');
  const arn = (service, operation) => ({
    'Fn::Sub': 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:'
      + `{{resolve:ssm:/betsafi/${stage}/${service}/api/id}}/$default/${operation.replace(' ', '')}`,
  });
  return Object.fromEntries(Object.entries(calls).map(([name, of]) => {
    const arns = Object.entries(of).flatMap(([service, operations]) => operations.map((operation) => arn(service, operation)));
    return [name, { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: arns.length > 1 ? arns : arns[0] }];
  }));
};
