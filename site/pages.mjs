/** What the site has, and in what order: the Markdown of the repository, as it lies there. */
export const SECTIONS = [
  {
    text: 'Start',
    pages: ['README.md', 'docs/compare.md', 'docs/script.md', 'docs/connect.md', 'docs/serve.md'],
  },
  {
    text: 'What it does',
    pages: [
      ...['docs/fetch.md', 'docs/push.md', 'docs/streams.md', 'docs/services.md'],
      ...['docs/shared.md', 'docs/vault.md', 'docs/drop-in.md', 'docs/node.md', 'docs/testing.md'],
      'docs/reliability.md',
    ],
  },
  {
    text: 'Deploy',
    pages: [
      ...['docs/guides/nginx.md', 'docs/guides/caddy.md', 'docs/check.md', 'docs/pack.md'],
      ...['docs/frame-module.md', 'docs/cluster.md', 'SECURITY.md', 'docs/troubleshooting.md'],
    ],
  },
  {
    text: 'Guides',
    pages: [
      ...[
        'docs/guides/vite-react.md',
        'docs/guides/vite-frame.md',
        'docs/guides/angular.md',
        'docs/guides/angular-backend.md',
      ],
      ...[
        'docs/guides/server-rendering.md',
        'docs/guides/sveltekit.md',
        'docs/guides/jquery.md',
        'docs/guides/clients.md',
      ],
      ...['docs/guides/llm-streaming.md', 'docs/guides/tus.md', 'docs/guides/oauth.md'],
      ...['docs/guides/xsrf.md', 'docs/guides/sso.md', 'docs/guides/sentry.md'],
      'docs/guides/moving.md',
    ],
  },
  {
    text: 'More',
    pages: [
      ...['ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'demo/README.md'],
      ...['bench/RESULTS.md', 'packages/cluster/README.md', 'packages/cluster/bench/RESULTS.md'],
    ],
  },
];

/** The types that the packages export, by the name of their page. */
export const MODULES = {
  hadoken: 'dist/hadoken.d.ts',
  frame: 'dist/frame.d.ts',
  'hadoken.drop-in': 'dist/hadoken.drop-in.d.ts',
  testing: 'dist/testing.d.ts',
  cluster: 'packages/cluster/index.d.ts',
};

export const PAGES = SECTIONS.flatMap(({ pages }) => pages);
