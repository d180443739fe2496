/** The site's VitePress configuration. Nothing of it comes from another host: fonts, search and scripts are its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SECTIONS } from './pages.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));

/** A page's first heading, as text. */
function titleOf(path) {
  const heading = /^# (.+)$/m.exec(readFileSync(join(root, path), 'utf8'))?.[1] ?? path;
  return heading.replace(/[`\\]/g, '');
}

const TITLES = {
  'README.md': 'Getting started',
  'demo/README.md': 'The demo',
  'bench/RESULTS.md': 'Measurements',
  'packages/cluster/README.md': 'hadoken-cluster',
  'packages/cluster/bench/RESULTS.md': 'Measurements of the cluster',
};
const linkTo = (path) => ({
  text: TITLES[path] ?? titleOf(path),
  link: `/${path.replace(/\.md$/, '')}`,
});

/** By the name that it is imported by. */
const API = {
  hadoken: 'hadoken/',
  'hadoken/frame': 'frame',
  'hadoken/drop-in': 'hadoken.drop-in',
  'hadoken/testing': 'testing',
  'hadoken-cluster': 'cluster',
};

export default {
  title: 'Hadoken',
  description:
    "One script on any page of a domain gives it that domain's API and push services on another subdomain, as though they were its own.",
  lang: 'en',
  head: [['link', { rel: 'icon', href: '/icon.svg' }]],
  cleanUrls: false,
  lastUpdated: false,
  // Where the demo runs, for the cards of it that pages show; none: no page shows one.
  vite: { define: { __DEMO__: JSON.stringify(process.env.DEMO_ORIGIN ?? '') } },
  themeConfig: {
    logo: '/icon.svg',
    outline: [2, 3],
    search: { provider: 'local' },
    nav: [
      { text: 'Start', link: '/README' },
      { text: 'Reference', link: '/docs/connect' },
      { text: 'Guides', link: '/docs/guides/nginx' },
      { text: 'API', link: '/api/' },
      { text: 'Trouble', link: '/docs/troubleshooting' },
    ],
    sidebar: [
      ...SECTIONS.map(({ text, pages }) => ({
        text,
        collapsed: false,
        items: pages.map(linkTo),
      })),
      {
        text: 'API',
        collapsed: true,
        items: Object.entries(API).map(([text, path]) => ({ text, link: `/api/${path}` })),
      },
    ],
  },
};
