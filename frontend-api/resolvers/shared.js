// What the resolvers share. Each is bundled alone, and exports `request` and `response` under these names.
import { util } from '@aws-appsync/utils';

// Staff are whoever the staff pool signed in. A group in a player's token is none: only that pool's groups count.
export function isStaff(ctx) {
  return `${ctx.identity.issuer}`.endsWith(`/${ctx.env.STAFF_POOL}`);
}

// Who deleted their sign-in and came back has another `sub` than the player that they are: the claim `player` says which.
export function playerId(ctx) {
  return ctx.identity.claims.player || ctx.identity.sub;
}

export function refuse() {
  util.unauthorized();
}

// A service's Lambda gets who asks for what. A field of PlayerUpdate gets what publishPlayer was given, one of PlayerChanges which things changed, one of Player or PlayerExport whose it is. `groups` are given for a
// field of theirs alone: whoever gets them asks the staff's pool whether they still hold.
export function ask(ctx, groups) {
  return {
    operation: 'Invoke',
    payload: {
      type: ctx.info.parentTypeName,
      field: ctx.info.fieldName,
      arguments: given(ctx),
      requestId: util.autoId(),
      identity: who(ctx, groups),
      language: language(ctx),
    },
  };
}

function given(ctx) {
  if (ctx.info.parentTypeName === 'PlayerUpdate') {
    return ctx.source;
  }
  if (ctx.info.parentTypeName === 'PlayerChanges') {
    return { asked: ctx.source[ctx.info.fieldName] };
  }
  const ofAPlayer = ['Player', 'PlayerExport'].includes(ctx.info.parentTypeName);
  return ofAPlayer ? { ...ctx.args, userId: ctx.source.id } : ctx.args;
}

// A person has a token's claims, the device that they signed in on among them; a function of ours signed its request, and has the ARN
// of its role's session. Who came with the lobby's key has no identity: anybody.
function who(ctx, groups) {
  if (!ctx.identity) {
    return {};
  }
  const { sub, claims, userArn } = ctx.identity;
  if (!claims) {
    return { role: userArn };
  }
  if (isStaff(ctx)) {
    return { sub, groups };
  }
  return { sub: playerId(ctx), claims: { sub, auth_time: claims.auth_time, device: claims.device } };
}

// In which to refuse: the player's own, as their token has it, else what the app's request prefers.
function language(ctx) {
  const chosen = ctx.identity && ctx.identity.claims ? ctx.identity.claims.language : null;
  return chosen || ctx.request.headers['accept-language'];
}

// It says `{data}` or `{error: {type, message, info}}`.
export function answer(ctx) {
  if (ctx.error) {
    const isKiswahili = `${language(ctx)}`.toLowerCase().startsWith('sw');
    util.error(isKiswahili ? 'Kuna hitilafu upande wetu. Tafadhali jaribu tena.' : 'Something went wrong on our side. Please try again.', 'INTERNAL_ERROR');
  }
  if (ctx.result.error) {
    const { message, type, info } = ctx.result.error;
    util.error(message, type, null, info);
  }
  return ctx.result.data;
}
