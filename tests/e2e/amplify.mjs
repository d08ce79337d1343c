// What a player's web app does with aws-amplify, as functions that a test calls in the browser.
import { Amplify } from 'aws-amplify';
import { generateClient } from 'aws-amplify/api';
import { confirmSignIn, fetchAuthSession, signIn, signOut, signUp } from 'aws-amplify/auth';
import { cognitoUserPoolsTokenProvider } from 'aws-amplify/auth/cognito';

const idToken = async (options) => (await fetchAuthSession(options)).tokens.idToken;
const named = (work) => work.catch((error) => { throw new Error(`${error.name}: ${error.message}`); });
let metadata = {};

globalThis.player = {
  configure({ userPoolId, userPoolClientId, cognito, graphql, region, deviceId, deviceName }) {
    metadata = { deviceId, deviceName };
    Amplify.configure(
      {
        Auth: { Cognito: { userPoolId, userPoolClientId, userPoolEndpoint: cognito } },
        API: { GraphQL: { endpoint: graphql, region, defaultAuthMode: 'none' } },
      },
      { API: { GraphQL: { headers: async () => ({ Authorization: (await idToken()).toString() }) } } },
    );
    cognitoUserPoolsTokenProvider.setClientMetadataProvider(async () => metadata);
  },
  signUp: (phone) => named(signUp({ username: phone, password: globalThis.crypto.randomUUID() })).then(({ nextStep }) => nextStep.signUpStep),
  signIn: (phone) => named(signIn({ username: phone, options: { authFlowType: 'CUSTOM_WITHOUT_SRP' } })).then(({ nextStep }) => nextStep),
  answer: (text, more = {}) => named(confirmSignIn({ challengeResponse: text, options: { clientMetadata: { ...metadata, ...more } } }))
    .then(({ nextStep }) => nextStep),
  signInByPassword: (phone, password) => named(signIn({ username: phone, password, options: { authFlowType: 'USER_SRP_AUTH', clientMetadata: metadata } }))
    .then(({ nextStep }) => nextStep),
  claims: async (options) => (await idToken(options)).payload,
  ask: async (query, variables) => (await generateClient().graphql({ query, variables })).data,
  signOut: () => signOut(),
};
