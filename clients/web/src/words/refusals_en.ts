type Details = Record<string, string>;

/** A sentence for each code: what happened and what to do. The API's own one has the numbers. */
export const refusals: Partial<Record<string, (details: Details) => string>> = {
  OFFLINE: () => 'BETSAFI could not be reached. Check your connection and try again.',
  APP_FAILED: () => 'Something went wrong in the app. Load it again.',
  INTERNAL_ERROR: () => 'Something went wrong on our side. Try again in a moment.',
  NotAuthorizedException: () => 'That did not work. Ask for a new code and try again.',
  LimitExceededException: () => 'That was tried too often. Wait a while, then try again.',
  TooManyRequestsException: () => 'That was tried too often. Wait a while, then try again.',
  Unauthorized: () => 'Sign in to do this.',
  UnauthorizedException: () => 'You are signed out. Sign in again.',
  PLAYER_STOPPED: () => 'You are on a break or excluded, so no bets and no deposits are taken. You can withdraw.',
  REGISTER_UNANSWERED: () => 'The exclusion register does not answer. Try again later.',
};
