// Every field of a service: its Lambda gets who asks for what, and says `{data}` or `{error: {type, message, info}}`.
// A field of PlayerUpdate gets what publishPlayer was given.
import { util } from '@aws-appsync/utils';

export function request(ctx) {
  return {
    operation: 'Invoke',
    payload: {
      type: ctx.info.parentTypeName,
      field: ctx.info.fieldName,
      arguments: ctx.info.parentTypeName === 'PlayerUpdate' ? ctx.source : ctx.args,
      requestId: util.autoId(),
      identity: who(ctx.identity),
    },
  };
}

// A person has a token's claims; a function of ours signed its request, and has the ARN of its role's session. Who
// deleted their sign-in and came back has another `sub` than the player that they are: the claim `player` says which.
function who(identity) {
  const { sub, groups, claims, userArn } = identity;
  if (!claims) {
    return { role: userArn };
  }
  return { sub: claims.player || sub, groups, claims: { sub, auth_time: claims.auth_time } };
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
