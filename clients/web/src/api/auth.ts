// Signing up, in and out with aws-amplify. Loaded when somebody wants to, or is signed in.
import { Amplify } from 'aws-amplify';
import { confirmSignIn, fetchAuthSession, signIn, signOut, signUp } from 'aws-amplify/auth';
import { cognitoUserPoolsTokenProvider } from 'aws-amplify/auth/cognito';
import { DEVICE, config } from '../config';
import { cognitoAnswers } from './cognito';
import { openPlainSockets } from './plain_sockets';
import { useLanguage } from '../language';
import { useSession } from '../session';
import { Refusal, refusalOf } from './refusal';

/** What the app calls this device, for as long as the browser keeps it: 128 random bits that nobody else is told. */
function device(): string {
  const kept = localStorage.getItem(DEVICE);
  if (kept) return kept;
  const made = crypto.randomUUID().replaceAll('-', '');
  localStorage.setItem(DEVICE, made);
  return made;
}

function deviceName(): string {
  const { userAgent } = navigator;
  const system = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac', 'Linux'].find((name) => userAgent.includes(name));
  const browser = ['Edg', 'OPR', 'Firefox', 'Chrome', 'Safari'].find((name) => userAgent.includes(name));
  const named = { Edg: 'Edge', OPR: 'Opera' }[browser ?? ''] ?? browser;
  return [named, system].filter(Boolean).join(' · ') || 'Browser';
}

const metadata = (): Record<string, string> => ({ deviceId: device(), deviceName: deviceName(), language: useLanguage.getState().tongue });

const { stage, region, graphql, userPoolId, clientId, cognito } = config();
if (stage === 'local') openPlainSockets();
Amplify.configure({
  Auth: { Cognito: { userPoolId, userPoolClientId: clientId, ...(cognito ? { userPoolEndpoint: cognito } : {}) } },
  API: { GraphQL: { endpoint: graphql, region, defaultAuthMode: 'none' } },
});
cognitoUserPoolsTokenProvider.setClientMetadataProvider(() => Promise.resolve(metadata()));

/** The token that the API takes, refreshed where it has ended. Where Cognito refuses that, the session is over. */
export async function idToken(): Promise<string> {
  const { userId, lapse } = useSession.getState();
  const session = await cognitoAnswers(fetchAuthSession()).catch((error: unknown) => {
    if (refusalOf(error).passing) throw error;
    return undefined;
  });
  const token = session?.tokens?.idToken;
  if (!token) {
    lapse(userId);
    throw new Refusal('SIGNED_OUT', 'You are signed out. Please sign in again.');
  }
  return token.toString();
}

/** Have the token say which language was chosen just now: the API refuses in it. */
export async function renew(): Promise<void> {
  await cognitoAnswers(fetchAuthSession({ forceRefresh: true }));
}

/** What is asked for next. `tries`: how often one may still answer; `language`: the profile's, once it is known. */
export interface Step { kind: 'CODE' | 'SECOND' | 'DONE'; tries: string; accepts: string; language: string }

interface Asked { signInStep: string; additionalInfo?: Record<string, string> }

async function step(next: Asked): Promise<Step> {
  if (next.signInStep !== 'DONE') {
    const { step: kind = 'CODE', tries = '', accepts = '' } = next.additionalInfo ?? {};
    return { kind: kind === 'SECOND' ? 'SECOND' : 'CODE', tries, accepts, language: '' };
  }
  const { payload } = (await fetchAuthSession()).tokens?.idToken ?? { payload: {} };
  const { player, sub, phone_number: phone, language = '' } = payload as Record<string, string | undefined>;
  useSession.getState().begin(player ?? sub ?? '', phone ?? '');
  return { kind: 'DONE', tries: '', accepts: '', language };
}

let left: Promise<unknown> = Promise.resolve();

/** Forget the tokens here, one sign-out after the other: each does so once Cognito answered, and would forget those of a sign-in meanwhile. */
function forget(): Promise<unknown> {
  left = left.then(() => signOut()).catch(() => undefined);
  return left;
}

/** Have a code sent to a phone; `fresh`: to one that may have no account yet. */
export async function sendCode(phone: string, fresh: boolean): Promise<Step> {
  await forget();
  if (fresh) {
    const anything = `${crypto.randomUUID()}Aa1`;
    await cognitoAnswers(signUp({ username: phone, password: anything })).catch((error: unknown) => {
      // Whether the number has an account decides nothing: the code does.
      if (!(error instanceof Refusal) || error.code !== 'UsernameExistsException') throw error;
    });
  }
  const asked = signIn({ username: phone, options: { authFlowType: 'CUSTOM_WITHOUT_SRP' } });
  return step((await cognitoAnswers(asked)).nextStep);
}

/** Sign in with a password, which is good on a device that is known: for who gets no SMS. */
export async function byPassword(phone: string, password: string): Promise<Step> {
  await forget();
  const asked = signIn({ username: phone, password, options: { authFlowType: 'USER_SRP_AUTH', clientMetadata: metadata() } });
  return step((await cognitoAnswers(asked).catch((error: unknown) => {
    // Cognito says of a code that it is wrong in the same way.
    throw error instanceof Refusal && error.code === 'NotAuthorizedException' ? new Refusal('WRONG_PASSWORD', error.message) : error;
  })).nextStep);
}

/** Answer with a code, and the birth date for a number that is new; or with a second factor of this kind. */
export async function answer(text: string, about: { birthdate: string } | { kind: string }): Promise<Step> {
  const given = Object.entries(about).filter(([, value]) => value);
  const clientMetadata = { ...metadata(), ...(Object.fromEntries(given) as Record<string, string>) };
  const asked = confirmSignIn({ challengeResponse: text, options: { clientMetadata } });
  return step((await cognitoAnswers(asked)).nextStep);
}

/** Sign out here. What is listened to ends with the session, at once and whatever Cognito answers. */
export async function leave(): Promise<void> {
  useSession.getState().end();
  await forget();
}
