/** `npx hadoken pack`: what it writes, that it writes all of it or nothing, and that browsers run it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { hadokenPack, pack } from '../../bin/pack.mjs';
import { readHost } from '../../dist/testing.mjs';
import { runCommand } from '../support/command.mjs';
import { wantedEngines } from '../support/engines.mjs';
import { dist } from '../support/static-files.mjs';
import { openTab } from '../support/tab.mjs';
import { askTwoFrames, sendFileOf, startFrames, startPage } from '../support/two-frames.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'hadoken-pack-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
let count = 0;
/** A folder that is not there yet. */
const newFolder = () => join(scratch, String(count++), 'hadoken');
/** The path of a file with `text`. */
function write(name, text) {
  const folder = join(scratch, String(count++));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}
const serving = (more = '') =>
  `hadokenFrame.serve({ origins: ['https://app.example.com'], fetch: true${more} });`;
const command = (...args) => runCommand('pack', ...args);
const hashOf = (algorithm, text) =>
  `${algorithm}-${createHash(algorithm).update(text).digest('base64')}`;

describe('npx hadoken pack', () => {
  it('writes a frame in one file, its parts by their hashes, and what a page loads', () => {
    const out = newFolder();
    const { status, stdout, stderr } = command(write('host.js', serving()), '--out', out);
    assert.equal(stderr, '');
    assert.equal(status, 0);
    const names = readdirSync(out);
    for (const pattern of [
      /^frame\.html$/,
      /^frame\.[0-9a-f]{16}\.js$/,
      /^frame\.(io|hub|urlpattern)\.[0-9a-f]{16}\.js$/,
      /^_headers\.example$/,
    ])
      assert.ok(
        names.some((name) => pattern.test(name)),
        `${pattern}`,
      );
    assert.ok(!names.includes('frame.js') && !names.includes('host.js'));
    assert.deepEqual(readFileSync(join(out, 'hadoken.js')), readFileSync(join(dist, 'hadoken.js')));
    const html = readFileSync(join(out, 'frame.html'), 'utf8');
    const [, script] = /<script>([\s\S]*)<\/script>/.exec(html);
    const headers = readFileSync(join(out, '_headers.example'), 'utf8');
    for (const text of [stdout, headers]) assert.ok(text.includes(hashOf('sha256', script)));
    assert.ok(stdout.includes(hashOf('sha384', readFileSync(join(dist, 'hadoken.js')))));
    assert.match(headers, /frame-ancestors https:\/\/app\.example\.com/);
    assert.match(headers, /\/hadoken\/frame\.html\n {2}Cache-Control: no-cache/);
    assert.match(
      headers,
      /\.[0-9a-f]{16}\.js\n {2}Cache-Control: public, max-age=31536000, immutable/,
    );
    assert.doesNotMatch(headers, /unsafe-inline/);
  });

  it('gives the same names for the same files, and others for others', async () => {
    const host = write('host.js', serving());
    const [first, second] = [
      await pack({ host, out: newFolder() }),
      await pack({ host, out: newFolder() }),
    ];
    assert.deepEqual(first, second);
    const other = await pack({ host: write('host.js', serving(', io: true')), out: newFolder() });
    const own = ({ files }) => files.find((name) => /^frame\.[0-9a-f]{16}\.js$/.test(name));
    assert.notEqual(own(other), own(first));
  });

  it('bundles a host.js that imports, or is TypeScript', async () => {
    const host = write(
      'host.ts',
      `import { serve } from 'hadoken/frame';
       import { origins } from './origins.ts';
       const limits: { requests: number } = { requests: 2 };
       serve({ origins, limits, fetch: true });`,
    );
    writeFileSync(join(host, '../origins.ts'), `export const origins = ['https://a.example.com'];`);
    const { policies } = await pack({ host, out: newFolder() });
    assert.match(policies['frame.html'], /frame-ancestors https:\/\/a\.example\.com$/);
  });

  it('is a plugin, of builds alone, which watches host.js', async () => {
    const out = newFolder();
    const host = write('host.js', serving());
    const plugin = hadokenPack({ host, out });
    assert.equal(typeof plugin.name, 'string');
    assert.equal(plugin.apply, 'build');
    const watched = [];
    plugin.buildStart.call({ addWatchFile: (path) => watched.push(path) });
    assert.deepEqual(watched, [host]);
    await plugin.writeBundle();
    await plugin.writeBundle();
    assert.ok(existsSync(join(out, 'frame.html')));
  });

  /** The script in the page, as a browser's parser has it, and what it serves. */
  const readPage = (out) => {
    const html = readFileSync(join(out, 'frame.html'), 'utf8');
    assert.equal(html.split('</script').length, 2);
    assert.doesNotMatch(html, /<!--|\r/);
    const [, script] = /<script>([\s\S]*)<\/script>/.exec(html);
    const [, host] = /,host\(\)\{([\s\S]*?)\n\}\};/.exec(script);
    return { script, served: readHost(host) };
  };

  it('keeps what would end the script apart from it', async () => {
    const out = newFolder();
    const tricky = `const a = '</script><!--', b = /<!--/u; ${serving(', config: { a, b: String(b) }')}`;
    await pack({ host: write('host.js', tricky), out });
    const { config } = readPage(out).served;
    assert.equal(config.a, '</script><!--');
    assert.ok(new RegExp(config.b.slice(1, -2), 'u').test('<!--'));
  });

  it('takes a host.js of another system: line ends, a BOM, a hashbang, strict code', async () => {
    for (const text of [
      `\ufeff${serving()}\r\n// end\r\n`,
      `#!/usr/bin/env node\r\n'use strict';\r\n${serving()}`,
      `// export your rules here\n${serving()}`,
      `(function (root) { root.rules = true; })(this); ${serving(', config: rules')}`,
    ]) {
      const out = newFolder();
      const { policies } = await pack({ host: write('host.js', text), out });
      const { script } = readPage(out);
      assert.ok(policies['frame.html'].includes(hashOf('sha256', script)), text);
    }
  });

  it('names the Socket.IO server in the policies where that is another', async () => {
    const host = write('host.js', serving(", io: { url: 'wss://io.example.com' }"));
    const { policies } = await pack({ host, out: newFolder() });
    for (const policy of Object.values(policies))
      assert.match(
        policy,
        /connect-src 'self' https:\/\/io\.example\.com wss:\/\/io\.example\.com/,
      );
  });

  it('says that it can’t read the origins where a host.js needs a browser', () => {
    const host = write('host.js', `localStorage.a; ${serving()}`);
    const { status, stdout, stderr } = command(host, '--out', newFolder());
    assert.equal(status, 0);
    assert.match(stderr, /localStorage.*frame-ancestors/);
    assert.doesNotMatch(stdout, /frame-ancestors/);
  });

  for (const [what, text, message, name = 'host.js'] of [
    ['does not parse', 'const a = 1;\nconst b = ;\n', /host\.js:2: Unexpected token/],
    [
      'does not parse, in TypeScript',
      'const a: number = 1;\nconst b = ;',
      /host\.ts:2: /,
      'host.ts',
    ],
    ['imports what is not there', `import './none.js';`, /host\.js:1: .*none\.js/],
    ['never calls serve()', 'const a = 1;', /host\.js: it does not call hadokenFrame\.serve\(\)/],
    ['serves what can’t be read', serving(', ftech: true'), /host\.js: .*ftech/],
    ['throws', 'null.a; hadokenFrame.serve({});', /host\.js: it throws: .*null/],
    [
      'has a name that nobody knows',
      'hadokenframe.serve({});',
      /host\.js: it throws: hadokenframe/,
    ],
    ['never ends', 'for (;;);', /host\.js: it did not call/],
    ['has what no page can', `${serving()}\nvar x = 1, y = 2; x<!--y;`, /<!--/],
  ])
    it(`says where a host.js is wrong that ${what}, and writes nothing`, () => {
      const out = newFolder();
      const { status, stderr } = command(write(name, text), '--out', out);
      assert.equal(status, 1);
      assert.match(stderr, message);
      assert.equal(existsSync(out), false);
    });

  it('leaves a folder alone that is not empty, and one that it may not write', () => {
    const host = write('host.js', serving());
    const out = newFolder();
    mkdirSync(out, { recursive: true });
    for (const name of ['own.txt', '_headers', 'frame.0123456789abcdef.js'])
      writeFileSync(join(out, name), 'mine');
    const { status, stderr } = command(host, '--out', out);
    assert.equal(status, 1);
    assert.match(stderr, /Nothing was written .*not empty.*--force/);
    assert.equal(readdirSync(out).length, 3);
    assert.equal(command(host, '--out', out, '--force').status, 0);
    for (const name of ['own.txt', '_headers', 'frame.0123456789abcdef.js'])
      assert.equal(readFileSync(join(out, name), 'utf8'), 'mine');
    const headers = readFileSync(join(out, '_headers.example'), 'utf8');
    assert.match(headers, /frame\.0123456789abcdef\.js\n/, 'an earlier pack keeps its headers');
    assert.match(command(host, '--out', '/proc/hadoken').stderr, /Nothing was written/);
    assert.match(
      command(join(out, 'none.js'), '--out', newFolder()).stderr,
      /can't be read \(ENOENT\)/,
    );
  });

  it('tells how it is used', () => {
    for (const args of [
      [],
      ['host.js'],
      ['a', 'b', '--out', 'c'],
      ['a', '--out', 'c', '--path', 'x'],
      ['--none'],
    ]) {
      const { status, stderr } = command(...args);
      assert.equal(status, 2, args.join(' '));
      assert.match(stderr, /Usage: npx hadoken pack/);
    }
  });
});

describe('a packed frame, with its policy', () => {
  let page;
  let frames;
  before(async () => {
    page = await startPage();
    const host = write(
      'host.js',
      `const isBlob = !!self.hadokenBase;
      hadokenFrame.serve({
        origins: ['${page.origin}'],
        fetch: [{ path: '/api/*' }],
        io: { transports: ['websocket'], shared: { linger: 0 } },
        services: {
          host: {
            where: async () => {
              const relative = await fetch('../api/relative').then((response) => response.json());
              const asked = new URL(new Request('/api/request').url).pathname;
              const isRequest = new Request('/a') instanceof Request;
              const refererOf = async (...args) => {
                const { referer = '' } = await (await fetch(...args)).json();
                return referer.replace(location.origin, '').replace(/frame[.].*/, 'frame');
              };
              const inherited = Object.create({ referrerPolicy: 'no-referrer' });
              const referers = await Promise.all([
                refererOf('/api/a'),
                refererOf('/api/a', null),
                refererOf(new Request('/api/a')),
                refererOf('/api/a', { referrerPolicy: 'no-referrer' }),
                refererOf(new Request('/api/a', { referrerPolicy: 'no-referrer' })),
                refererOf('/api/a', inherited),
                refererOf('/api/a', { referrer: '' }),
                refererOf('/api/a', { referrer: new URL('/own', location.href).href }),
              ]);
              return [isBlob, location.hostname, relative.path, asked, isRequest, referers];
            },
          },
        },
      });`,
    );
    const out = newFolder();
    const { policies } = await pack({ host, out });
    const send = sendFileOf(out);
    frames = await startFrames((request, response, url) => {
      // /strict/: as where a site allows no Blobs.
      const isStrict = url.pathname.startsWith('/strict/');
      url.pathname = url.pathname.replace(/^\/(strict|hadoken)/, '');
      const policy = policies[url.pathname.slice(1)] ?? "default-src 'none'";
      response.setHeader(
        'content-security-policy',
        isStrict ? policy.replace(' blob:', '') : policy,
      );
      return send(request, response, url);
    });
  });
  after(async () => {
    await frames.stop();
    page.stop();
  });

  for (const engine of wantedEngines())
    it(`starts its worker without a request, and shares: ${engine}`, {
      timeout: 120_000,
    }, async () => {
      const tab = await openTab(engine);
      try {
        const told = await askTwoFrames(tab, page.origin, `${frames.origin}/hadoken/frame.html`);
        // As the file is loaded without a Blob: what forbids a referrer is heeded all the same.
        const where = (isBlob, folder, own) => [
          isBlob,
          'push.hadoken.localhost',
          folder,
          '/api/request',
          true,
          [own, own, own, '', '', '', '', '/own'],
        ];
        const expected = { path: '/api/me', connections: 1 };
        assert.deepEqual(told, {
          ...expected,
          where: where(true, '/api/relative', '/hadoken/frame'),
        });
        const strict = await askTwoFrames(tab, page.origin, `${frames.origin}/strict/frame.html`);
        assert.deepEqual(strict, {
          ...expected,
          where: where(false, '/api/relative', '/strict/frame'),
        });
      } finally {
        await tab.stop();
      }
    });
});
