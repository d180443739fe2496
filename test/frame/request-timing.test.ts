import { expect } from '@esm-bundle/chai';
import type { ServeOptions } from '../../src/frame/options.ts';
import { claim, createResourceWatch } from '../../src/frame/timing/resource-timing.ts';
import { readServerTiming } from '../../src/frame/timing/server-timing.ts';
import type { RequestReport } from '../../src/parent/reports/report.ts';
import { watchRequest } from '../../src/parent/reports/watch-request.ts';
import { now } from '../../src/rpc/time/clock.ts';
import { readWireResponse } from '../../src/rpc/wire/fetch.ts';
import { API, bareHost, rejection } from '../support/bare-host.ts';
import { until } from '../support/env.ts';

const RESOURCE = { requestStart: 1, encodedBodySize: 7, nextHopProtocol: 'h2' };

/** A host, and what the engine was asked and told of its requests. */
function watchedHost(options: Partial<ServeOptions>, answer?: () => Response) {
  const seen: string[] = [];
  const host = bareHost(options, answer, {
    watchResource: (url) => {
      seen.push(url);
      return {
        answered: () => seen.push('answered'),
        take: async () => RESOURCE as never,
        close: () => seen.push('closed'),
      };
    },
  });
  const reports: RequestReport[] = [];
  const listen = (): void => void host.listeners.push((report) => reports.push(report));
  const next = async (): Promise<RequestReport> => {
    await until(() => reports[0]);
    return reports.shift() as RequestReport;
  };
  return { ...host, seen, listen, next };
}

/** A host whose engine never says when a request was done. */
function bareHostThatFollows() {
  const host = bareHost({}, () => new Response('all of it'), {
    watchResource: () => ({ answered() {}, take: () => new Promise(() => {}), close() {} }),
  });
  return { ...host, listen: (): void => void host.listeners.push(() => {}) };
}

/** An answer that a redirect led to. */
const redirectedTo = (url: string) => (): Response =>
  Object.defineProperties(new Response('x', { headers: { 'server-timing': 'secret' } }), {
    redirected: { value: true },
    url: { value: API + url },
  });

describe('the timing of a request, in the frame', () => {
  it('is looked at for a page that asks, and for no other', async () => {
    const { fetch, seen, listen, next } = watchedHost({});
    await fetch('/a');
    expect(seen).to.deep.equal([]);
    listen();
    await fetch('/a');
    expect((await next()).timing.resource).to.include({ encodedBodySize: 7 });
    expect(seen).to.deep.equal([`${API}/a`, 'answered']);
  });

  it('does not cost an answer its body, should the frame be lost before it comes', async () => {
    const { fetch, listen, lose } = bareHostThatFollows();
    listen();
    const response = await fetch('/a');
    lose();
    expect(await response.text()).to.equal('all of it');
  });

  it('is kept back of an answer that is withheld', async () => {
    const { fetch, seen, listen, next } = watchedHost(
      { fetch: [{ path: '/a' }] },
      redirectedTo('/secret'),
    );
    listen();
    const error = await rejection(fetch('/a'));
    expect(error).to.include({ code: 'POLICY_REFUSED' });
    const report = await next();
    expect(report).to.deep.include({ status: undefined, error, serverTiming: [] });
    expect([report.timing.frame, report.timing.resource]).to.deep.equal([undefined, undefined]);
    expect(seen.at(-1)).to.equal('closed');
  });

  it('says nothing of the real answer where onResponse gave another', async () => {
    const { fetch, listen, next } = watchedHost(
      { onResponse: () => new Response('own', { headers: { 'server-timing': 'own' } }) },
      () => new Response('secret', { headers: { 'server-timing': 'secret' } }),
    );
    listen();
    await fetch('/a');
    const { timing, serverTiming } = await next();
    expect(timing.resource).to.equal(undefined);
    expect(serverTiming).to.deep.equal([{ name: 'own', duration: 0, description: '' }]);
  });

  it('does not name the URL that onRequest has made', async () => {
    const { fetch, seen, listen, next } = watchedHost({
      onRequest: (request) => new Request(`${request.url}?token=secret`, request),
    });
    listen();
    await fetch('/a');
    const report = await next();
    expect(seen[0]).to.contain('secret');
    expect(report.url).to.equal(`${API}/a`);
    expect(JSON.stringify(report)).not.to.contain('secret');
  });
});

describe('the engine’s entry of a request', () => {
  const url = `${location.origin}/pages/blank.html?entry`;

  it('is not that of a request which a hook makes to the same URL after it', async () => {
    const watch = createResourceWatch();
    const own = watch?.(`${url}#part`);
    await (await fetch(url)).text();
    own?.answered();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const after = now() + performance.timeOrigin;
    await (await fetch(url)).text();
    const entry = await own?.take();
    expect(entry).to.be.an('object');
    expect(entry?.responseStart).to.be.lessThan(after);
  });

  it('is claimed by one request alone, the one whose head came last first', () => {
    const [first, second, earlier, later, unanswered] = [
      { startTime: 10, responseStart: 20 },
      { startTime: 11, responseStart: 30 },
      { startTime: 5, responseStart: 35 },
      { startTime: 45, responseStart: 40 },
      { startTime: 12, responseStart: 60 },
    ] as const;
    const entries = [first, second, earlier, later, unanswered];
    const watched = { since: 10, until: 40 };
    expect(claim(watched, entries)).to.equal(second);
    expect(claim(watched, entries)).to.equal(first);
    expect(claim(watched, entries)).to.equal(undefined);
    expect(entries).to.deep.equal([earlier, later, unanswered]);
  });

  it('is claimed though clocks are coarse', () => {
    const [near, far] = [
      { startTime: 8, responseStart: 42 },
      { startTime: 7, responseStart: 43 },
    ] as const;
    const entries = [far, near];
    expect(claim({ since: 10, until: 40 }, entries)).to.equal(near);
    expect(claim({ since: 10, until: 40 }, entries)).to.equal(undefined);
  });

  it('is given up where none comes', async () => {
    const own = createResourceWatch()?.(`${url}&never`);
    own?.answered();
    expect(await own?.take()).to.equal(undefined);
  });
});

describe('Server-Timing', () => {
  it('is read by its grammar', () => {
    const header = 'a;dur=1.5;desc="x, \\"y\\"", b, c;desc=z;dur=2, d;dur=oops';
    expect(readServerTiming(header)).to.deep.equal([
      { name: 'a', duration: 1.5, description: 'x, "y"' },
      { name: 'b', duration: 0, description: '' },
      { name: 'c', duration: 2, description: 'z' },
      { name: 'd', duration: 0, description: '' },
    ]);
    expect(readServerTiming(null)).to.deep.equal([]);
  });

  it('does not take long to read, whatever it is', () => {
    const start = now();
    for (const text of ['"'.repeat(50_000), 'a;'.repeat(50_000), '\\"'.repeat(50_000)])
      readServerTiming(`a;desc=${text}`);
    expect(now() - start).to.be.lessThan(2_000);
  });
});

describe('a report on what a fallen frame says of a request', () => {
  const sparse: unknown[] = [];
  sparse.length = 2 ** 32 - 1;
  for (const [what, timing] of [
    ['nothing', undefined],
    ['a text', 'text'],
    ['a list that is none', { frame: {}, serverTiming: { length: 2 ** 31 } }],
    ['a list without end', { frame: {}, serverTiming: sparse }],
    [
      'names and values of its own',
      {
        frame: { startTime: Number.NaN, toString: 1, valueOf: {}, answerStart: Infinity },
        serverTiming: [null, { name: {}, valueOf: 1 }],
      },
    ],
  ] as const)
    it(`is given, and holds texts and numbers alone: ${what}`, () => {
      const given: RequestReport[] = [];
      const reports = {
        isDebug: false,
        isWanted: () => true,
        nameUrl: String,
        request: (report: RequestReport) => given.push(report),
        socket() {},
        log() {},
      };
      const watch = watchRequest(reports, now(), { method: 'GET', url: API });
      watch.sent();
      watch.answered(readWireResponse({ status: 200, timing }));
      watch.ended(() => {});
      expect(given).to.have.length(1);
      const { timing: times, serverTiming } = given[0] as RequestReport;
      for (const part of [times.frame, ...serverTiming])
        for (const value of Object.values(part ?? {}))
          expect(typeof value).to.match(/^(string|number)$/);
    });
});
