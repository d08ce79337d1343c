// A player's field of a service. Staff have no profile and no wallet, and do not bet.
import { answer, ask, isStaff, refuse } from './shared.js';

export function request(ctx) {
  if (isStaff(ctx)) {
    refuse();
  }
  return ask(ctx);
}

export function response(ctx) {
  return answer(ctx);
}
