/** `npx hadoken init`: what it writes, and that it writes all of it or nothing. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createTestHost, readHost } from '../../dist/testing.mjs';
import { runCommand } from '../support/command.mjs';
import { dist, root } from '../support/static-files.mjs';

const scratch = mkdtempSync(join(tmpdir(), 'hadoken-init-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

let folder;
let count = 0;
beforeEach(() => {
  folder = join(scratch, String(count++), 'public/hadoken');
});

const init = (...args) => runCommand('init', ...args);

/** All paths in a folder with what is in them. */
const contentsOf = (path) =>
  Object.fromEntries(
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .map((file) => [file, readFileSync(file, 'utf8')]),
  );

describe('npx hadoken init', () => {
  it('copies what browsers load, byte for byte, and nothing for Node', () => {
    const { status, stdout, stderr } = init(folder);
    assert.equal(stderr, '');
    assert.equal(status, 0);
    assert.match(stdout, /npx hadoken check https:/);
    const names = readdirSync(folder);
    const readme = [
      'hadoken.js',
      'frame.html',
      'frame.js',
      'frame.io.js',
      'frame.msgpack.js',
      'frame.hub.js',
      'frame.vault.js',
      'frame.urlpattern.js',
    ];
    for (const name of [
      ...readme,
      'hadoken.mjs',
      'hadoken.drop-in.js',
      'frame.js.map',
      'LICENSES.txt',
    ])
      assert.ok(names.includes(name), name);
    assert.deepEqual(
      names.filter((name) => /node|testing|globals|\.d\.ts|^\./.test(name)),
      [],
    );
    for (const name of names.filter((each) => each !== 'host.js'))
      assert.equal(
        readFileSync(join(folder, name), 'utf8'),
        readFileSync(join(dist, name), 'utf8'),
      );
  });

  it('writes a host.js that serves, with the origin that was given', async () => {
    for (const [args, origin] of [
      [[], 'https://app.example.com'],
      [['--origin', 'http://app.localhost:8080'], 'http://app.localhost:8080'],
    ]) {
      assert.equal(init(folder, ...args, '--force').status, 0);
      const host = createTestHost(readHost(readFileSync(join(folder, 'host.js'), 'utf8')));
      assert.equal((await host.ask({ origin, path: '/v1/me' })).allowed, true);
      assert.equal((await host.ask({ origin, path: '/admin' })).code, 'POLICY_REFUSED');
      rmSync(folder, { recursive: true });
    }
  });

  it('has a host.js whose comments can be taken away', async () => {
    init(folder);
    const text = readFileSync(join(folder, 'host.js'), 'utf8');
    const options = text.slice(text.indexOf('hadokenFrame.serve('));
    // Sentences begin with a capital letter, or go on from such a line; code does not.
    const uncommented = options.replace(
      /^( +)\/\/ (\{ path|\w+: |onRequest\(| {2}|\},$)/gm,
      '$1$2',
    );
    assert.notEqual(uncommented, options);
    const given = readHost(uncommented);
    for (const name of ['cookies', 'onRequest', 'onResponse', 'vault', 'auth', 'io', 'services'])
      assert.ok(given[name], name);
    const statuses = [503, 200];
    const respond = ({ url }) =>
      url.endsWith('/v1/me')
        ? new Response(null, { status: statuses.shift() })
        : Response.json({ access_token: 'abc', expires_in: 60 });
    const host = createTestHost(given, { respond });
    const origin = 'https://app.example.com';
    const verdict = await host.ask({ origin, path: '/v1/me' });
    assert.equal(verdict.request.headers.get('authorization'), 'Bearer abc');
    assert.equal(verdict.request.headers.get('x-xsrf-token'), '');
    assert.deepEqual(statuses, [], 'it was sent once more');
    assert.equal(
      (await host.ask({ origin, kind: 'io', namespace: '/chat', emit: 'say' })).allowed,
      true,
    );
    assert.equal(
      (await host.ask({ origin, kind: 'eventSource', path: '/v1/events' })).allowed,
      true,
    );
  });

  it('fills an empty folder, and a link to one', () => {
    mkdirSync(folder, { recursive: true });
    assert.equal(init(folder).status, 0);
    const empty = join(scratch, 'empty');
    mkdirSync(empty);
    symlinkSync(empty, join(scratch, 'link'));
    assert.equal(init(join(scratch, 'link')).status, 0);
    assert.ok(existsSync(join(empty, 'frame.html')));
  });
});

describe('a folder that is not empty', () => {
  beforeEach(() => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'host.js'), '// mine');
    writeFileSync(join(folder, 'frame.js'), '// old');
    writeFileSync(join(folder, 'index.html'), 'mine too');
  });

  it('is left as it is', () => {
    const before = contentsOf(folder);
    const { status, stderr, stdout } = init(folder);
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /^Nothing was written to .*: it is not empty\. .*--force/);
    assert.deepEqual(contentsOf(folder), before);
  });

  it('gets the new files by --force, and keeps what is the site’s own, host.js first of all', () => {
    const { status, stdout } = init(folder, '--force');
    assert.equal(status, 0);
    assert.match(stdout, /host\.js was there and is as it was/);
    assert.equal(readFileSync(join(folder, 'host.js'), 'utf8'), '// mine');
    assert.equal(readFileSync(join(folder, 'index.html'), 'utf8'), 'mine too');
    assert.equal(
      readFileSync(join(folder, 'frame.js'), 'utf8'),
      readFileSync(join(dist, 'frame.js'), 'utf8'),
    );
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('.')),
      [],
    );
  });

  it('is as it was where --force fails in the middle', () => {
    // Of the files of dist this one comes late, and a folder can't be replaced.
    mkdirSync(join(folder, 'hadoken.mjs'));
    const before = contentsOf(folder);
    const { status, stderr } = init(folder, '--force');
    assert.equal(status, 1);
    assert.match(stderr, /^Nothing was written to .*: hadoken\.mjs is a folder there/);
    assert.deepEqual(contentsOf(folder), before);
    assert.deepEqual(readdirSync(folder).sort(), [
      'frame.js',
      'hadoken.mjs',
      'host.js',
      'index.html',
    ]);
  });
});

describe('a folder that can’t be written', () => {
  const says = /^Nothing was written to .*: it can't be written to \(E[A-Z]+\)\. Name a folder/;

  it('is said, and nothing is left: a file, below a file, where there can be none', () => {
    const file = join(scratch, 'file');
    writeFileSync(file, 'x');
    const paths = [file, join(file, 'below')];
    if (process.platform === 'linux') paths.push('/proc/hadoken/a/b');
    for (const path of paths) {
      const { status, stderr } = init(path);
      assert.equal(status, 1, path);
      assert.match(stderr, says);
    }
    assert.equal(readFileSync(file, 'utf8'), 'x');
  });

  it('is said to a user without the right to, and no folder above it is left', async () => {
    // A copy that anybody may read, for this user gives up its rights meanwhile.
    const copy = mkdtempSync(join(tmpdir(), 'hadoken-copy-'));
    const closed = join(copy, 'closed');
    mkdirSync(join(closed, 'there'), { recursive: true });
    for (const name of ['bin', 'dist', 'package.json'])
      cpSync(join(root, name), join(copy, name), { recursive: true });
    chmodSync(copy, 0o755);
    chmodSync(join(closed, 'there'), 0o555);
    chmodSync(closed, 0o555);
    const module = await import(pathToFileURL(join(copy, 'bin/init.mjs')).href);
    const isRoot = process.geteuid() === 0;
    if (isRoot) process.seteuid(65_534);
    try {
      for (const path of ['there', 'new', 'new/deep/er'])
        await assert.rejects(module.init({ folder: join(closed, path) }), { message: says });
    } finally {
      if (isRoot) process.seteuid(0);
    }
    assert.deepEqual(readdirSync(closed, { recursive: true }), ['there']);
    chmodSync(closed, 0o755);
    chmodSync(join(closed, 'there'), 0o755);
    rmSync(copy, { recursive: true });
  });

  it('leaves no folder that it has made, when a file can’t be copied', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'hadoken-copy-'));
    for (const name of ['bin', 'dist', 'package.json'])
      cpSync(join(root, name), join(copy, name), { recursive: true });
    // What can't be read as a file.
    mkdirSync(join(copy, 'dist/hadoken.zzz.js'));
    const module = await import(pathToFileURL(join(copy, 'bin/init.mjs')).href);
    await assert.rejects(module.init({ folder: join(copy, 'a/b/c') }), /Nothing was written/);
    assert.equal(existsSync(join(copy, 'a')), false);
    rmSync(copy, { recursive: true });
  });
});

describe('wrong usage of init', () => {
  it('ends with 2, and says how it is used', () => {
    for (const args of [
      [],
      ['a', 'b'],
      ['a', '--what'],
      ['a', '--origin', 'app.example.com'],
      ['a', '--origin', "https://a.b/c'"],
    ]) {
      const { status, stderr, stdout } = init(...args);
      assert.equal(status, 2, args.join(' '));
      assert.equal(stdout, '');
      assert.match(stderr, /Usage: npx hadoken init /);
    }
    assert.equal(existsSync('a'), false);
  });
});
