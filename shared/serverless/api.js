// An API for other services: limits of its own, or one API uses up the account's, and an alarm for who is refused.
'use strict';

const isHttp = ({ events = [] }) => events.some((event) => event.httpApi);

module.exports = ({ functions, alarm, ours }) => Object.values(functions).some(isHttp) && {
  // osls has no setting for the limits; they are merged into its stage.
  HttpApiStage: {
    Type: 'AWS::ApiGatewayV2::Stage',
    Properties: { DefaultRouteSettings: { ThrottlingRateLimit: 500, ThrottlingBurstLimit: 1000 } },
  },
  CallerRefusedAlarm: alarm('a service asked for what is not its own; its log line says which', 'Betsafi', 'CallerRefused', ours, { Statistic: 'Sum' }),
};
