// A publish mutation says what it was told; its subscribers hear it.
export function request(ctx) {
  return { payload: ctx.args.input };
}

export function response(ctx) {
  return ctx.result;
}
