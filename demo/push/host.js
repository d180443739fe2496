// The site's own file, beside frame.html: who may ask, and for what. Everything else is refused.
// (The demo's server puts the app's real origin here when it runs on another port.)
hadokenFrame.serve({
  origins: ['http://app.hadoken.localhost:8080'],
  fetch: [{ path: '/v1/*', methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] }],
  io: { namespaces: { '/': true, '/chat': true } },
  config: { release: '2026.11', features: { chat: true, race: true, upload: true } },
});
