// A field of a service for groups of staff, whatever groups a player's token may have.
import { answer, ask, isStaff, refuse } from './shared.js';

export function request(ctx) {
  if (!isStaff(ctx)) {
    refuse();
  }
  return ask(ctx, ctx.identity.groups);
}

export function response(ctx) {
  return answer(ctx);
}
