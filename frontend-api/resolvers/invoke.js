// Every field of a service: its Lambda gets who asks for what, and says `{data}` or `{error: {type, message, info}}`.
import { util } from '@aws-appsync/utils';

export function request(ctx) {
  const { sub, groups, claims } = ctx.identity;
  return {
    operation: 'Invoke',
    payload: {
      type: ctx.info.parentTypeName,
      field: ctx.info.fieldName,
      arguments: ctx.args,
      requestId: util.autoId(),
      identity: { sub, groups, claims: { phone_number: claims.phone_number, birthdate: claims.birthdate } },
    },
  };
}

export function response(ctx) {
  if (ctx.error) {
    util.error('Something went wrong on our side. Please try again.', 'INTERNAL_ERROR');
  }
  if (ctx.result.error) {
    const { message, type, info } = ctx.result.error;
    util.error(message, type, null, info);
  }
  return ctx.result.data;
}
