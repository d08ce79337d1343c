// publishPlayer says whose update it is and what it is about; the services' functions fill in the fields that are asked for.
export function request(ctx) {
  return { payload: ctx.args };
}

export function response(ctx) {
  return ctx.result;
}
