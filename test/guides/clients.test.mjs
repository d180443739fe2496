/** docs/guides/clients.md: each library against a server of its kind. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { initTRPC, TRPCError, tracked } from '@trpc/server';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { buildSchema, graphql } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { openGuide } from '../support/guide.mjs';
import { sendJson } from '../support/http-server.mjs';
import { until } from '../support/tab.mjs';

const ENTRY = `
  export { QueryObserver } from '@tanstack/react-query';
  export { gql } from '@apollo/client';
  export { isHadokenError } from 'hadoken';
  export { hadoken } from './connection.js';
  export { api as ky } from './ky.js';
  export { api as axios } from './axios.js';
  export { api as openapi } from './openapi.js';
  export { trpc } from './trpc.js';
  export { apollo } from './apollo.js';
  export { queryClient, queryOf } from './query.js';
`;

let guide;
/** `METHOD URL` of what the API was asked, and the headers of the last one. */
const requests = [];
let headers;
/** From which event on each subscription was asked for. */
const subscribed = [];
/** The answer to what is asked and never answered. */
let hanging;
/** How many events there are. */
let ticks = 2;

function* ticksAfter(id) {
  for (let tick = id + 1; tick <= ticks; tick++) yield tick;
}

const t = initTRPC.create();
const router = t.router({
  hello: t.procedure.input(String).query(({ input }) => `Hello, ${input}`),
  fail: t.procedure.mutation(() => {
    throw new TRPCError({ code: 'CONFLICT', message: 'Taken' });
  }),
  ticks: t.procedure
    .input((value) => value ?? {})
    .subscription(async function* ({ input, signal }) {
      const last = Number(input.lastEventId ?? 0);
      subscribed.push(last);
      for (const tick of ticksAfter(last)) yield tracked(`${tick}`, tick);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    }),
});
const trpc = createHTTPHandler({ router, basePath: '/trpc/' });

const schema = buildSchema(
  'type Query { hello(name: String): String, fail: String } type Subscription { ticks: Int }',
);
const roots = {
  query: {
    hello: ({ name }) => `Hello, ${name}`,
    fail() {
      throw new Error('Taken');
    },
  },
  subscription: {
    async *ticks() {
      subscribed.push('graphql');
      for (const ticks of ticksAfter(0)) yield { ticks };
      await new Promise(() => {});
    },
  },
};

async function answerGraphql(request, response) {
  const { query, variables } = JSON.parse(Buffer.concat(await request.toArray()));
  const result = await graphql({
    schema,
    source: query,
    rootValue: roots.query,
    variableValues: variables,
  });
  sendJson(response, result);
}

async function answerRest(request, response, { pathname }) {
  if (pathname === '/v1/hang') {
    hanging = response;
    return;
  }
  if (pathname === '/v1/none') return sendJson(response, { message: 'None' }, 404);
  const text = String(Buffer.concat(await request.toArray()));
  sendJson(response, { method: request.method, sent: text && JSON.parse(text) });
}

before(async () => {
  guide = await openGuide('docs/guides/clients.md', {
    entry: 'all.js',
    more: { 'all.js': ENTRY },
    onServer(server) {
      const sockets = new WebSocketServer({ server, path: '/graphql' });
      useServer({ schema, roots }, sockets);
    },
    api(request, response, url) {
      requests.push(`${request.method} ${request.url}`);
      headers = request.headers;
      if (url.pathname.startsWith('/trpc/')) return trpc(request, response);
      if (url.pathname === '/graphql') return answerGraphql(request, response);
      return answerRest(request, response, url);
    },
  });
});
after(() => guide?.stop());

function assertFramed() {
  assert.equal(headers['hadoken-origin'], guide.app);
  assert.equal(headers['sec-fetch-site'], 'same-origin');
}

test('ky gets, posts and tells errors', async () => {
  const [got, posted, status] = await guide.evaluate(async () => {
    const { ky } = window.page;
    return [
      await ky.get('orders').json(),
      await ky.post('orders', { json: { sku: 'ryu' } }).json(),
      await ky.get('none').catch(({ response }) => response.status),
    ];
  });
  assert.deepEqual(got, { method: 'GET', sent: '' });
  assert.deepEqual(posted, { method: 'POST', sent: { sku: 'ryu' } });
  assert.equal(status, 404);
  assertFramed();
});

test('axios gets, posts and tells errors', async () => {
  const [got, posted, error] = await guide.evaluate(async () => {
    const { axios } = window.page;
    return [
      (await axios.get('/orders')).data,
      (await axios.post('/orders', { sku: 'ryu' })).data,
      await axios.get('/none').catch(({ response }) => [response.status, response.data.message]),
    ];
  });
  assert.deepEqual(got, { method: 'GET', sent: '' });
  assert.deepEqual(posted, { method: 'POST', sent: { sku: 'ryu' } });
  assert.deepEqual(error, [404, 'None']);
  assertFramed();
});

test('openapi-fetch gets, posts and tells errors', async () => {
  const [got, posted, error] = await guide.evaluate(async () => {
    const { openapi } = window.page;
    return [
      (await openapi.GET('/orders')).data,
      (await openapi.POST('/orders', { body: { sku: 'ryu' } })).data,
      (await openapi.GET('/none')).error,
    ];
  });
  assert.deepEqual(got, { method: 'GET', sent: '' });
  assert.deepEqual(posted, { method: 'POST', sent: { sku: 'ryu' } });
  assert.deepEqual(error, { message: 'None' });
  assertFramed();
});

test('tRPC batches its queries, and tells errors', async () => {
  requests.length = 0;
  const [both, code] = await guide.evaluate(async () => {
    const { trpc } = window.page;
    const both = await Promise.all([trpc.hello.query('Ada'), trpc.hello.query('Grace')]);
    return [both, await trpc.fail.mutate().catch(({ data }) => data.code)];
  });
  assert.deepEqual(both, ['Hello, Ada', 'Hello, Grace']);
  assert.equal(code, 'CONFLICT');
  assert.equal(requests.length, 2);
  assert.match(requests[0], /^GET \/trpc\/hello,hello\?batch=1/);
  assertFramed();
});

/** Takes the frame from the page, and waits for the next. */
async function loseFrame() {
  await guide.evaluate(() => {
    window.isBack = false;
    window.page.hadoken.once('connect', () => {
      window.isBack = true;
    });
    document.querySelector('noscript.hadoken').remove();
  });
  await until(() => guide.evaluate(() => window.isBack), 'the next frame');
}
const seen = () => guide.evaluate(() => window.seen);
const hasSeen = (...values) =>
  until(async () => String(await seen()) === String(values), `${values}`);

test('a tRPC subscription goes on with the next event when the frame was lost', async () => {
  subscribed.length = 0;
  ticks = 2;
  await guide.evaluate(() => {
    window.seen = [];
    window.subscription = window.page.trpc.ticks.subscribe(undefined, {
      onData: ({ data }) => window.seen.push(data),
    });
  });
  await hasSeen(1, 2);
  assertFramed();
  ticks = 3;
  await loseFrame();
  await hasSeen(1, 2, 3);
  assert.deepEqual(subscribed, [0, 2]);
  await guide.evaluate(() => window.subscription.unsubscribe());
});

test('Apollo queries, and tells errors', async () => {
  const [data, message] = await guide.evaluate(async () => {
    const { apollo, gql } = window.page;
    const query = gql`query ($name: String) { hello(name: $name) }`;
    const { data } = await apollo.query({ query, variables: { name: 'Ada' } });
    const fail = gql`{ fail }`;
    return [data, await apollo.query({ query: fail }).catch(({ message }) => message)];
  });
  assert.deepEqual(data, { hello: 'Hello, Ada' });
  assert.equal(message, 'Taken');
  assertFramed();
});

test('an Apollo subscription is made again when the frame was lost', async () => {
  subscribed.length = 0;
  ticks = 2;
  await guide.evaluate(() => {
    const { apollo, gql } = window.page;
    window.seen = [];
    window.subscription = apollo
      .subscribe({ query: gql`subscription { ticks }` })
      .subscribe(({ data }) => window.seen.push(data.ticks));
  });
  await hasSeen(1, 2);
  await loseFrame();
  await hasSeen(1, 2, 1, 2);
  assert.deepEqual(subscribed, ['graphql', 'graphql']);
  await guide.evaluate(() => window.subscription.unsubscribe());
});

test('TanStack Query asks, stops asking, and asks again once there is another frame', async () => {
  requests.length = 0;
  await guide.evaluate(() => {
    const { QueryObserver, queryClient, queryOf } = window.page;
    window.seen = [];
    window.unsubscribe = new QueryObserver(queryClient, queryOf('/v1/orders')).subscribe(
      ({ data, fetchStatus }) => fetchStatus === 'idle' && window.seen.push(data.method),
    );
  });
  await hasSeen('GET');
  await loseFrame();
  await hasSeen('GET', 'GET');
  assert.deepEqual(requests, ['GET /v1/orders', 'GET /v1/orders']);
  await guide.evaluate(() => {
    window.unsubscribe();
    const { queryClient, queryOf } = window.page;
    queryClient.fetchQuery(queryOf('/v1/hang')).catch(() => {});
  });
  await until(async () => hanging !== undefined, 'the request');
  await guide.evaluate(() => window.page.queryClient.cancelQueries({ queryKey: ['/v1/hang'] }));
  await until(async () => hanging.destroyed, 'the end of the request');
});

test('each client passes a refusal on, and asks once', async () => {
  guide.files.set('host.js', `hadokenFrame.serve({ origins: ['${guide.app}'] });`);
  await loseFrame();
  const found = await guide.evaluate(async () => {
    const { apollo, axios, gql, hadoken, isHadokenError, ky, openapi, queryClient, queryOf, trpc } =
      window.page;
    let count = 0;
    hadoken.on('request', () => count++);
    const calls = {
      ky: () => ky.get('orders').json(),
      axios: () => axios.get('/orders'),
      'openapi-fetch': () => openapi.GET('/orders'),
      tRPC: () => trpc.hello.query('Ada'),
      'Apollo Client': () => apollo.query({ query: gql`{ hello(name: "Grace") }` }),
      'TanStack Query': () => queryClient.fetchQuery(queryOf('/v1/none')),
    };
    const found = {};
    for (const [name, call] of Object.entries(calls)) {
      count = 0;
      const error = await call().catch((reason) => reason);
      const where = isHadokenError(error) ? 'error' : isHadokenError(error.cause) && 'error.cause';
      found[name] = `${where} ${count}`;
    }
    return found;
  });
  assert.deepEqual(found, {
    ky: 'error 1',
    axios: 'error.cause 1',
    'openapi-fetch': 'error 1',
    tRPC: 'error.cause 1',
    'Apollo Client': 'error 1',
    'TanStack Query': 'error 1',
  });
});
