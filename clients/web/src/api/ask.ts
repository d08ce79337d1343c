import { config } from '../config';
import { useLanguage } from '../language';
import { useSession } from '../session';
import type { Question } from './generated';
import { Refusal } from './refusal';

interface Answer<Asked> {
  data?: Asked | null;
  errors?: { errorType?: string; message: string; errorInfo?: Record<string, unknown> | null }[];
}

/** Who asks: a player by their token, anybody else by the lobby's key. */
async function credentials(): Promise<Record<string, string>> {
  if (!useSession.getState().userId) return { 'x-api-key': config().lobbyKey };
  const { idToken } = await import('./auth');
  return { Authorization: await idToken() };
}

/** Ask the API as whom these headers say. Throws a Refusal, also where only a part of the answer was refused. */
export async function send<Asked, Variables>(
  question: Question<Asked, Variables>, variables: Variables, who: Record<string, string>, signal?: AbortSignal,
): Promise<Asked> {
  // Who is signed in is refused in the language of their profile; a guest in that of the app.
  const headers = { 'content-type': 'application/json', 'accept-language': useLanguage.getState().tongue, ...who };
  const request = { method: 'POST', headers, body: JSON.stringify({ query: question, variables }), signal: signal ?? null };
  let answer: Answer<Asked>;
  try {
    answer = (await (await fetch(config().graphql, request)).json()) as Answer<Asked>;
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refusal('OFFLINE', 'BETSAFI could not be reached.');
  }
  const refused = answer.errors?.[0];
  if (refused) throw new Refusal(refused.errorType ?? 'INTERNAL_ERROR', refused.message, refused.errorInfo ?? {});
  if (!answer.data) throw new Refusal('INTERNAL_ERROR', 'The answer was empty.');
  return answer.data;
}

/** Ask the API as who uses the app. Throws a Refusal; a token that is not taken ends the session that asked. */
export async function ask<Asked, Variables>(
  question: Question<Asked, Variables>, variables: Variables, signal?: AbortSignal,
): Promise<Asked> {
  const { userId } = useSession.getState();
  try {
    return await send(question, variables, await credentials(), signal);
  } catch (error) {
    if (error instanceof Refusal && error.code === 'UnauthorizedException') useSession.getState().lapse(userId);
    throw error;
  }
}
