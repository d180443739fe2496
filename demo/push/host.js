// The site's own file, beside frame.html: who may ask, and for what. Everything else is refused.
// (The demo's server puts the app's real origin here when it runs on another port.)
hadokenFrame.serve({
  origins: ['http://app.hadoken.localhost:8080', 'http://shop.hadoken.localhost:8080'],
  fetch: [{ path: '/v1/*', methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] }],
  // One connection for all tabs, but for pages that want their own: the card "Tabs".
  io: { namespaces: { '/': true, '/chat': true, '/tabs': true }, shared: true },
  config: { release: '2026.11', features: { chat: true, race: true, upload: true } },
});
