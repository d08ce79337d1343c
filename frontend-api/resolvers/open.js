// Anybody who is signed in may follow the prices of a fixture, of a competition or of a sport's day, of one at a time.
import { util } from '@aws-appsync/utils';

export function request(ctx) {
  const { fixtureId, competitionId, sportId, day } = ctx.args;
  if (!fixtureId && !competitionId && !(sportId && day)) {
    util.unauthorized();
  }
  return { payload: null };
}

export function response() {
  return null;
}
