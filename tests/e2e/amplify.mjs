// What a player's web app does with the clients of docs/app.md, as functions that a test calls in the browser.
import { fetchAuthSession, signUp } from 'aws-amplify/auth';
import * as amplify from './amplify.js';
import { apollo, asApollo } from './apollo.js';
import { follow } from './follow.js';
import { newest } from './newest.js';
import { realtime } from './realtime.js';
import { asUrql, urql } from './urql.js';

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
  const subscribe = realtime(graphql, amplify.headers, amplify.listening);
  const given = [graphql, amplify.headers, subscribe];
  clients = { amplify, apollo: asApollo(apollo(...given)), urql: asUrql(urql(...given)) };
}

// What each client that follows a player shows, how often it was shown each version, and how often it stood and had caught up.
const followed = {};
const LISTS = { bets: 'bet', payments: 'payment', notifications: 'notification' };
function followAs(client, me, fields) {
  const told = { things: [], times: [], errors: [], loaded: 0, stood: 0, filled: 0 };
  const things = new Map();
  const { ask, listen } = clients[client];
  const keep = (part, thing) => {
    if (!(things.get(`${part}:${thing.id}`)?.[1].version > thing.version)) things.set(`${part}:${thing.id}`, [part, thing]);
    told.things = [...things.values()];
  };
  const filled = async (query, variables) => {
    const answer = await ask(query, variables);
    const { wallet, ...lists } = answer.changesSince;
    told.filled += (wallet ? 1 : 0) + Object.keys(LISTS).flatMap((name) => lists[name]).length;
    return answer;
  };
  const counted = { ask: filled, listen: (query, variables, sink) => listen(query, variables, { ...sink, started: () => sink.started().then(() => { told.stood += 1; }) }) };
  const running = follow(counted, me, fields, {
    show: (part, thing) => { keep(part, thing); told.times.push([part, thing.id, thing.version]); },
    load: async () => {
      for (const [name, part] of Object.entries(LISTS)) {
        const query = `query($c: String) { ${name}(limit: 20, cursor: $c) { items { ${fields[part]} } cursor } }`;
        for (let page = { cursor: null }; page && (page.cursor || !page.items);) {
          page = (await ask(query, { c: page.cursor }))[name];
          page.items.forEach((thing) => keep(part, thing));
        }
      }
      keep('wallet', (await ask(`query { wallet { ${fields.wallet} } }`)).wallet);
      told.loaded += 1;
    },
    error: (error) => told.errors.push(String(error)),
  });
  followed[client] = { told, running };
}

const does = {
  configure(given) {
    amplify.configure(given);
    makeClients(given.graphql);
  },
  signUp: (phone) => named(signUp({ username: phone, password: globalThis.crypto.randomUUID() })).then(({ nextStep }) => nextStep.signUpStep),
  join: (phone) => named(amplify.join(phone)),
  signIn: (phone) => named(amplify.byCode(phone)).then(({ nextStep }) => nextStep),
  answer: (text, more) => named(amplify.answer(text, more)).then(({ nextStep }) => nextStep),
  signInByPassword: (phone, password) => named(amplify.byPassword(phone, password)).then(({ nextStep }) => nextStep),
  token: async () => (await fetchAuthSession()).tokens.idToken.toString(),
  claims: async (options) => (await fetchAuthSession(options)).tokens.idToken.payload,
  ask: (query, variables, client = 'amplify') => clients[client].ask(query, variables),
  // What each of these is answered: its data, or the type of its error.
  answers: (asked) => Promise.all(asked.map(([query, variables]) => amplify.ask(query, variables).then(
    (data) => ({ data }), ({ errors }) => ({ error: errors[0].errorType ?? errors[0].message }),
  ))),
  // All of these clients at once; one may listen to several things, each under a name.
  listen: (names, query, variables, name) => Promise.all(names.map(async (client) => {
    const told = { data: [], errors: [], stood: 0 };
    heard[name ?? client] = told;
    await clients[client].listen(query, variables, {
      next: (data) => told.data.push(data),
      error: (error) => told.errors.push((error.errors?.[0] ?? error).message),
      started: () => { told.stood += 1; },
    });
  })).then(() => null),
  heard: (name) => heard[name],
  follow: (names, me, fields) => names.forEach((client) => followAs(client, me, fields)),
  followed: (client) => followed[client].told,
  // What it has shown once it has asked again.
  caughtUp: (client) => followed[client].running.catchUp().then(() => followed[client].told),
  cut: () => sockets.splice(0).map((socket) => socket.close()).length,
  newest,
  signOut: amplify.leave,
  // Signs out at the moment at which each client subscribes to something.
  signOutWhile: (query, variables) => Promise.all([does.listen(Object.keys(clients), query, variables), amplify.leave()]).then(() => null),
};

// What was done last and what came of it, on the page: so that its picture shows it when a test fails.
const said = new Map();
const say = (key, text) => {
  said.set(key, text);
  globalThis.document.body.style.overflowWrap = 'anywhere';
  globalThis.document.body.innerText = [...said.values()].join('\n');
};
const short = (value) => (JSON.stringify(value) ?? 'nothing').slice(0, 400);
globalThis.player = Object.fromEntries(Object.entries(does).map(([name, act]) => [name, async (...given) => {
  const key = `${name}(${short(given)})`;
  say(key, `${key} …`);
  try {
    const answer = await act(...given);
    say(key, `${key}: ${short(answer)}`);
    return answer;
  } catch (error) {
    say(key, `${key}: ${error}`);
    throw error;
  }
}]));
