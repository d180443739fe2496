// The site's own file, beside frame.html: which pages may use this frame, and for what. Everything
// else is refused. It is public: whoever can load the frame can read it, so no secret may be in it.
//
// It runs in the frame's window, in a worker for each page, and in the hub where something is shared. There is no `document` in a worker.
// All options: docs/serve.md in the package (node_modules/hadoken/docs/serve.md). No rule may allow the paths that give tokens.
hadokenFrame.serve({
  // The pages, by scheme, host and port as in the address bar. 'https://*.example.com' is every host
  // with one label more: name hosts one by one where you can.
  origins: ['https://app.example.com'],

  // The requests that pages may make here, by path and method. `*` stands for anything.
  fetch: [
    { path: '/v1/*', methods: ['GET', 'HEAD', 'POST'] },
    // { path: '/public/*', methods: ['GET'], credentials: 'omit' },
    // { path: '/admin/*', origins: ['https://admin.example.com'] },
  ],

  // Socket.IO: the namespaces that pages may connect to, and the events that may cross.
  // io: { namespaces: { '/': true, '/chat': { emit: ['say'], on: ['said'] } } },

  // Event streams and WebSockets, by path.
  // eventSource: [{ path: '/v1/events' }],
  // webSocket: [{ path: '/v1/live' }],

  // What pages get as `hadoken.config`.
  // config: { release: '2026.11' },

  // The cookies that hooks get as `context.cookies`, none that is HttpOnly.
  // cookies: ['XSRF-TOKEN'],

  // Sees each request before it is sent. The place for a header that the page must not choose.
  // onRequest(request, { cookies }) {
  //   request.headers.set('x-xsrf-token', cookies['XSRF-TOKEN'] ?? '');
  // },

  // Sees each answer before the page does. One that reads the body reads `response.clone()`.
  // onResponse: (response, { attempt, retry }) =>
  //   response.status === 503 && attempt < 2 ? retry() : undefined,

  // Tokens that pages use and never see, got from your server: docs/vault.md.
  // vault: {
  //   async refresh() {
  //     const response = await fetch('/oauth/token', { method: 'POST' });
  //     if (response.status === 401) return undefined;
  //     const { access_token: token, expires_in: expiresIn } = await response.json();
  //     return { token, expiresIn };
  //   },
  // },

  // What Socket.IO's server gets as `auth`, over what the page gives.
  // auth: ({ origin }) => ({ origin }),

  // Functions that pages call by `hadoken.service('clock').now()`.
  // services: { clock: { now: () => Date.now() } },
});
