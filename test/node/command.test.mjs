/** `npx hadoken`: what it prints, and how it says what is wrong. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { runCommand as run } from '../support/command.mjs';

describe('npx hadoken', () => {
  it('prints a bookmarklet, which is one line and a javascript: URL', () => {
    for (const folder of ['https://push.example.com/hadoken', 'http://localhost:8081/hadoken/']) {
      const { stdout, status } = run('bookmarklet', folder, '/v1/*', '/v2/a b');
      assert.equal(status, 0);
      assert.match(stdout, /^javascript:[^\s"<>]+\n$/);
      const text = decodeURIComponent(stdout);
      assert.ok(text.includes(`"${folder.replace(/\/?$/, '/')}hadoken.drop-in.js"`), text);
      assert.ok(text.includes('"/v1/* /v2/a b"'), text);
    }
  });

  it('says its version, and how each command is used', () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url)));
    const said = run('--version');
    assert.deepEqual([said.stdout, said.status], [`${version}\n`, 0]);
    for (const [args, usage] of [
      [['--help'], /init[\s\S]*pack[\s\S]*check[\s\S]*bookmarklet/],
      [['check', '--help'], /^Usage:\n {2}npx hadoken check [^\n]*\n$/],
      [['pack', 'host.js', '--help'], /^Usage:\n {2}npx hadoken pack [^\n]*\n$/],
    ]) {
      const { stdout, stderr, status } = run(...args);
      assert.deepEqual([stderr, status], ['', 0]);
      assert.match(stdout, usage);
    }
  });

  it('says what is wrong, and how it is used', () => {
    for (const args of [[], ['none'], ['bookmarklet'], ['bookmarklet', 'ftp://a/'], ['toString']]) {
      const { stderr, stdout, status } = run(...args);
      assert.equal(status, 1, args.join(' '));
      assert.equal(stdout, '');
      assert.match(stderr, /Usage:[\s\S]*npx hadoken bookmarklet https:/);
    }
  });
});
