import type { Case, Kit } from '../outcome.ts';

const policies: ReferrerPolicy[] = [
  '',
  'no-referrer',
  'no-referrer-when-downgrade',
  'origin',
  'origin-when-cross-origin',
  'same-origin',
  'strict-origin',
  'strict-origin-when-cross-origin',
  'unsafe-url',
];

/** Who asks: the platform's own fetch is a page's, ours a worker's. */
const CLIENT = /\/hosts\/(compliance\/native\.html|\w+\/frame(\.packed)?\.js)$/;

/** The `Referer` that the server saw. */
async function referer({ fetch }: Kit, init: RequestInit, path = '/api/echo'): Promise<string> {
  const { headers } = await (await fetch(path, init)).json();
  return (headers.referer ?? 'none').replace(CLIENT, '/CLIENT');
}

export const referrerCases: Case[] = [
  ...policies.map(
    (referrerPolicy): Case => [
      `sends the Referer of the policy '${referrerPolicy}'`,
      (kit) => referer(kit, { referrerPolicy }),
    ],
  ),
  ...policies.map(
    (referrerPolicy): Case => [
      `sends a path of the own origin under the policy '${referrerPolicy}'`,
      (kit) => referer(kit, { referrer: `${kit.origin}/some/where?a=1#part`, referrerPolicy }),
    ],
  ),
  ...policies.map(
    (referrerPolicy): Case => [
      `sends none for an empty referrer, under the policy '${referrerPolicy}'`,
      (kit) => referer(kit, { referrer: '', referrerPolicy }),
    ],
  ),
  ['sends the client for about:client', (kit) => referer(kit, { referrer: 'about:client' })],
  [
    'sends the client for another origin',
    (kit) => referer(kit, { referrer: 'http://other.localhost/x' }),
  ],
  [
    'keeps the policy of a Request',
    (kit) =>
      kit
        .fetch(new Request(`${kit.origin}/api/echo`, { referrerPolicy: 'no-referrer' }))
        .then((response) => response.json())
        .then(({ headers }) => headers.referer ?? 'none'),
  ],
  [
    'keeps the empty referrer of a Request',
    (kit) =>
      kit
        .fetch(new Request(`${kit.origin}/api/echo`, { referrer: '' }))
        .then((response) => response.json())
        .then(({ headers }) => headers.referer ?? 'none'),
  ],
  [
    'keeps the policy after a redirect',
    (kit) => referer(kit, { referrerPolicy: 'origin' }, '/api/redirect?to=/api/echo'),
  ],
  [
    'keeps the policy with a body',
    (kit) => referer(kit, { method: 'POST', body: 'x', referrerPolicy: 'no-referrer' }),
  ],
];
