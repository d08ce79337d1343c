// Signing in who works here: a pool of their own, a password that is never sent (SRP), and an authenticator.
import { queryOptions } from '@tanstack/react-query';
import { Amplify } from 'aws-amplify';
import { confirmSignIn, fetchAuthSession, signIn, signOut } from 'aws-amplify/auth';
import { cognitoAnswers } from '../api/cognito';
import { Refusal } from '../api/refusal';
import { config } from '../config';

export type Group = 'trader' | 'support' | 'admin';
/** Who works at the desk, as their token says it. */
export interface Person { id: string; email: string; groups: readonly string[] }
/** What is asked for next; `secret` is that of a new authenticator. */
export type Asked = { kind: 'CODE' } | { kind: 'PASSWORD' } | { kind: 'AUTHENTICATOR'; secret: string };
export type Step = Asked | { kind: 'DONE' };

const STEPS: Readonly<Record<string, 'CODE' | 'PASSWORD' | 'DONE'>> = {
  CONFIRM_SIGN_IN_WITH_TOTP_CODE: 'CODE',
  CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED: 'PASSWORD',
  DONE: 'DONE',
};

const { staff, cognito } = config();
// The page is the desks' alone: players' pages configure aws-amplify for theirs.
if (staff) {
  const { userPoolId, clientId } = staff;
  Amplify.configure({ Auth: { Cognito: { userPoolId, userPoolClientId: clientId, ...(cognito ? { userPoolEndpoint: cognito } : {}) } } });
}

/** Null while nobody is signed in. */
export const person = queryOptions({
  queryKey: ['staff', 'person'],
  queryFn: async (): Promise<Person | null> => {
    const token = (await cognitoAnswers(fetchAuthSession())).tokens?.idToken;
    if (!token) return null;
    const { sub = '', email, 'cognito:groups': groups } = token.payload;
    return { id: sub, email: typeof email === 'string' ? email : sub, groups: Array.isArray(groups) ? groups.map(String) : [] };
  },
});

/** The token that the API takes. It lasts five minutes and is refreshed for a shift. */
export async function idToken(): Promise<string> {
  const token = (await cognitoAnswers(fetchAuthSession())).tokens?.idToken;
  if (!token) throw new Refusal('SIGNED_OUT', 'You are signed out.');
  return token.toString();
}

interface Answered { signInStep: string; totpSetupDetails?: { sharedSecret: string } }

function step({ signInStep, totpSetupDetails }: Answered): Step {
  if (totpSetupDetails) return { kind: 'AUTHENTICATOR', secret: totpSetupDetails.sharedSecret };
  const kind = STEPS[signInStep];
  if (!kind) throw new Refusal('CONFIGURATION', `This desk does not know how to sign in by ${signInStep}.`);
  return { kind };
}

export async function begin(email: string, password: string): Promise<Step> {
  await signOut().catch(() => undefined);
  return step((await cognitoAnswers(signIn({ username: email, password, options: { authFlowType: 'USER_SRP_AUTH' } }))).nextStep);
}

/** Answer with the authenticator's code, or with a new password. */
export async function answer(text: string): Promise<Step> {
  return step((await cognitoAnswers(confirmSignIn({ challengeResponse: text }))).nextStep);
}

/** Sign out here. What was given out lasts its five minutes. */
export async function leave(): Promise<void> {
  await signOut().catch(() => undefined);
}
