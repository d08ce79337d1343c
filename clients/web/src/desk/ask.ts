import { send } from '../api/ask';
import { idToken } from './auth';
import type { Question } from './api/generated';

/** Ask the API as who works at this desk, in English. Throws a Refusal. */
export async function ask<Asked, Variables>(question: Question<Asked, Variables>, variables: Variables, signal?: AbortSignal): Promise<Asked> {
  return send(question, variables, { Authorization: await idToken(), 'Accept-Language': 'en' }, signal);
}
