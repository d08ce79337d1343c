// The API of a service for other services: an HTTP API whose every operation asks for the caller's IAM role.
//
//   functions:
//     api: {events: "${file(../shared/serverless/api.js)}"}
//   custom:
//     defaults:
//       api: ["POST /holds", "GET /accounts/{userId}"]
//
// Other services find it under /betsafi/<stage>/<service>/api/url and …/id.
'use strict';

/** The events of the function `api`. */
module.exports = async ({ resolveConfigurationProperty }) => {
  const operations = await resolveConfigurationProperty(['custom', 'defaults', 'api']);
  return operations.map((operation) => {
    const [method, path] = operation.split(' ');
    return { httpApi: { method, path, authorizer: { type: 'aws_iam' } } };
  });
};

/** Limits of its own, or one API uses up the account's; an alarm for who is refused; and where others find it. */
module.exports.resources = ({ api }, { alarm, ours, published, apiUrl }) => api && {
  // osls has no setting for the limits; they are merged into its stage.
  HttpApiStage: {
    Type: 'AWS::ApiGatewayV2::Stage',
    Properties: { DefaultRouteSettings: { ThrottlingRateLimit: 500, ThrottlingBurstLimit: 1000 } },
  },
  CallerRefusedAlarm: alarm('a service asked for what is not its own; its log line says which', 'Betsafi', 'CallerRefused', ours, { Statistic: 'Sum' }),
  ApiUrlParameter: published('api/url', apiUrl),
  ApiIdParameter: published('api/id', { Ref: 'HttpApi' }),
};
