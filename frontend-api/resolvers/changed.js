// The things of a service among what changed: it is asked for them by their ids, and not at all where there are none.
import { runtime } from '@aws-appsync/utils';
import { answer, ask } from './shared.js';

export function request(ctx) {
  const asked = ctx.source[ctx.info.fieldName];
  if (!asked || !asked.length) {
    runtime.earlyReturn(asked);
  }
  return ask(ctx);
}

export function response(ctx) {
  return answer(ctx);
}
