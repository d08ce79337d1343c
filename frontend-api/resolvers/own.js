// A personal subscription is the caller's own. The argument is a filter, and a missing one would deliver everybody's.
import { util } from '@aws-appsync/utils';

export function request(ctx) {
  const { claims, sub } = ctx.identity;
  if (!ctx.args.userId || ctx.args.userId !== (claims.player || sub)) {
    util.unauthorized();
  }
  return { payload: null };
}

export function response() {
  return null;
}
