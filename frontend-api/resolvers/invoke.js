// A field of a service for players, staff and, where the schema says so, functions of ours or anybody.
import { answer, ask } from './shared.js';

export function request(ctx) {
  return ask(ctx);
}

export function response(ctx) {
  return answer(ctx);
}
