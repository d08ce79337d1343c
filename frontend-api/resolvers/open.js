// Anybody who is signed in may follow the prices of a fixture, of one at a time.
import { util } from '@aws-appsync/utils';

export function request(ctx) {
  if (!ctx.args.fixtureId) {
    util.unauthorized();
  }
  return { payload: null };
}

export function response() {
  return null;
}
