// A personal subscription is the caller's own. The argument is a filter, and a missing one would deliver everybody's.
import { isStaff, playerId, refuse } from './shared.js';

export function request(ctx) {
  if (!ctx.args.userId || ctx.args.userId !== playerId(ctx) || isStaff(ctx)) {
    refuse();
  }
  return { payload: null };
}

export function response() {
  return null;
}
