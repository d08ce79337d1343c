// What a player's web app does with the clients of docs/app.md, as functions that a test calls in the browser.
import { gql } from '@apollo/client';
import { fetchAuthSession, signUp } from 'aws-amplify/auth';
import * as amplify from './amplify.js';
import { apollo } from './apollo.js';
import { newest } from './newest.js';
import { realtime } from './realtime.js';
import { urql } from './urql.js';

const named = (work) => work.catch((error) => { throw new Error(`${error.name}: ${error.message}`); });
const sockets = [];
globalThis.WebSocket = class extends globalThis.WebSocket {
  constructor(...given) {
    super(...given);
    sockets.push(this);
  }
};

// How each client asks, and how it listens; what it has heard, and how often its subscription stood.
const heard = {};
let clients = {};
function makeClients(graphql) {
  const subscribe = realtime(graphql, amplify.headers);
  const [client, other] = [apollo(graphql, amplify.headers, subscribe), urql(graphql, amplify.headers, subscribe)];
  const ended = (sink) => ({ next: ({ data, error }) => (error ? sink.error(error) : sink.next(data)), error: sink.error });
  clients = {
    amplify: { ask: amplify.ask, listen: amplify.listen },
    apollo: {
      ask: async (query, variables) => (await client.query({ query: gql(query), variables, fetchPolicy: 'network-only' })).data,
      listen: (query, variables, sink) => client.subscribe({ query: gql(query), variables, context: { started: sink.started } }).subscribe(ended(sink)),
    },
    urql: {
      ask: async (query, variables) => {
        const { data, error } = await other.query(query, variables).toPromise();
        if (error) throw error;
        return data;
      },
      listen: (query, variables, sink) => other.subscription(query, variables, { started: sink.started }).subscribe(ended(sink).next),
    },
  };
}

globalThis.player = {
  configure(given) {
    amplify.configure(given);
    makeClients(given.graphql);
  },
  signUp: (phone) => named(signUp({ username: phone, password: globalThis.crypto.randomUUID() })).then(({ nextStep }) => nextStep.signUpStep),
  join: (phone) => named(amplify.join(phone)),
  signIn: (phone) => named(amplify.byCode(phone)).then(({ nextStep }) => nextStep),
  answer: (text, more) => named(amplify.answer(text, more)).then(({ nextStep }) => nextStep),
  signInByPassword: (phone, password) => named(amplify.byPassword(phone, password)).then(({ nextStep }) => nextStep),
  claims: async (options) => (await fetchAuthSession(options)).tokens.idToken.payload,
  ask: (query, variables, client = 'amplify') => clients[client].ask(query, variables),
  // What each of these is answered: its data, or the type of its error.
  answers: (asked) => Promise.all(asked.map(([query, variables]) => amplify.ask(query, variables).then(
    (data) => ({ data }), ({ errors }) => ({ error: errors[0].errorType ?? errors[0].message }),
  ))),
  // All of these clients at once.
  listen: (names, query, variables) => Promise.all(names.map(async (client) => {
    const told = { data: [], errors: [], stood: 0 };
    heard[client] = told;
    await clients[client].listen(query, variables, {
      next: (data) => told.data.push(data),
      error: (error) => told.errors.push((error.errors?.[0] ?? error).message),
      started: () => { told.stood += 1; },
    });
  })).then(() => null),
  heard: (client) => heard[client],
  cut: () => sockets.splice(0).map((socket) => socket.close()).length,
  newest,
  signOut: amplify.leave,
};
