// A personal subscription is the caller's own. The argument is a filter, and a missing one would deliver everybody's.
import { isStaff, refuse } from './shared.js';

export function request(ctx) {
  if (!ctx.args.userId || ctx.args.userId !== ctx.identity.sub || isStaff(ctx)) {
    refuse();
  }
  return { payload: null };
}

export function response() {
  return null;
}
