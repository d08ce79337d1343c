import { Refusal } from './refusal';

/** Cognito's refusals as ours: `… failed with error CODE: sentence.` is our function's own, with a period of Cognito's behind it. */
export async function cognitoAnswers<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    const { name, message } = error as Error;
    const ours = /failed with error ([A-Z_]+): (.*)$/s.exec(message);
    if (ours) throw new Refusal(ours[1] ?? '', (ours[2] ?? '').replace(/\.\.$/, '.'));
    throw new Refusal(name === 'NetworkError' ? 'OFFLINE' : name, message);
  }
}
