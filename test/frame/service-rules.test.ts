import { expect } from '@esm-bundle/chai';
import type { ServeOptions } from '../../src/frame/options.ts';
import { service as ruled } from '../../src/frame/services/service.ts';
import type { Services } from '../../src/rpc/services.ts';
import { API, bareHost, PAGE, rejection } from '../support/bare-host.ts';
import { until } from '../support/env.ts';

const OTHER = 'https://other.test';

const counter = {
  count: 0,
  add() {
    this.count += 1;
    return this.count;
  },
  twice() {
    this.add();
    return this.add();
  },
};

type Who = {
  who(): string;
  later(): string;
  nested(): string;
  items(): AsyncIterable<string>;
  arrow(): string;
};
const services = {
  who: {
    who() {
      return this.origin;
    },
    async later() {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return this.origin;
    },
    nested() {
      return this.who();
    },
    async *items() {
      yield this.origin;
      yield this.who();
    },
    arrow: () => 'mine',
  },
  counter: counter as never,
} satisfies Services;

const serveAs = (options: Partial<ServeOptions>) => bareHost(options);

describe('what `this` is in a method of a service', () => {
  const { service } = serveAs({ services });

  it('has the page’s origin, at any time and in a stream', async () => {
    const who = service<Who>('who');
    expect(await who.who()).to.equal(PAGE);
    expect(await who.later()).to.equal(PAGE);
    const items = [];
    for await (const item of who.items()) items.push(item);
    expect(items).to.deep.equal([PAGE, PAGE]);
    expect(await who.arrow()).to.equal('mine');
  });

  it('has the other methods, with that origin, and the state of the object', async () => {
    expect(await service<Who>('who').nested()).to.equal(PAGE);
    const remote = service<{ add(): number; twice(): number }>('counter');
    expect(await remote.twice()).to.equal(2);
    expect(await remote.add()).to.equal(3);
    expect(counter.count, 'host.js’ own object').to.equal(3);
  });

  it('has a signal that aborts when the call’s stream is left, and no other', async () => {
    const waiting: AbortSignal[] = [];
    const left = serveAs({
      services: {
        source: {
          async *watch() {
            waiting.push(this.signal);
            yield 1;
            await new Promise((resolve) => this.signal.addEventListener('abort', resolve));
          },
          plain() {
            waiting.push(this.signal);
          },
        },
      },
    });
    type Source = { watch(): AsyncIterable<number>; plain(): void };
    const source = left.service<Source>('source');
    await source.plain();
    const [one, two] = [await source.watch(), await source.watch()];
    await one.next();
    await two.next();
    await two.return?.();
    await until(() => waiting[2]?.aborted);
    expect(waiting.map(({ aborted }) => aborted)).to.deep.equal([false, false, true]);
    await one.return?.();
  });

  it('gives the page no more methods than there are', async () => {
    const remote = service<Record<string, () => unknown>>('who');
    for (const method of ['origin', 'signal', 'hadoken.service', 'rule', 'toString', '__proto__'])
      expect(await rejection(remote[method]?.() as Promise<unknown>), method).to.include({
        code: 'METHOD_NOT_FOUND',
      });
  });
});

describe('service(methods, { origins })', () => {
  const wiped: string[] = [];
  const admin = (origins: string[]) =>
    ruled(
      {
        wipe() {
          wiped.push(this.origin);
          return this.origin;
        },
      },
      { origins },
    );
  type Admin = ReturnType<typeof admin>;

  it('serves the pages that it names', async () => {
    const { service } = serveAs({ origins: [PAGE, OTHER], services: { admin: admin([PAGE]) } });
    expect(await service<Admin>('admin').wipe()).to.equal(PAGE);
    const wide = serveAs({
      origins: ['https://*.app.test', PAGE, 'https://*.shop.test'],
      services: { admin: admin(['https://one.shop.test', PAGE]), all: ruled({ a: () => 1 }) },
    });
    expect(await wide.service<Admin>('admin').wipe()).to.equal(PAGE);
    expect(await wide.service<{ a(): number }>('all').a(), 'without origins: all').to.equal(1);
  });

  it('refuses every other page, for every method, and says what to change', async () => {
    wiped.length = 0;
    const { service } = serveAs({
      origins: [PAGE, OTHER],
      services: { admin: admin([OTHER]), open: { wipe: () => 'open' } },
    });
    const remote = service<{ wipe(): string; none(): void }>('admin');
    const error = await rejection(remote.wipe());
    expect(error).to.include({ code: 'POLICY_REFUSED' });
    expect(error.message).to.include(`Add '${PAGE}' to its origins in host.js`);
    expect(await rejection(remote.none()), 'not which methods there are').to.include({
      code: 'POLICY_REFUSED',
    });
    expect(wiped).to.deep.equal([]);
    expect(await service<Admin>('open').wipe()).to.equal('open');
  });

  it('is one rule a service, also where two have the same methods', async () => {
    const methods = { name: () => 'shared' };
    const { service } = serveAs({
      origins: [PAGE, OTHER],
      services: {
        mine: ruled(methods, { origins: [PAGE] }),
        theirs: ruled(methods, { origins: [OTHER] }),
        all: methods,
      },
    });
    type Named = typeof methods;
    expect(await service<Named>('mine').name()).to.equal('shared');
    expect(await service<Named>('all').name()).to.equal('shared');
    expect(await rejection(service<Named>('theirs').name())).to.include({ code: 'POLICY_REFUSED' });
  });

  const throws = (services: unknown, origins = [PAGE, 'https://*.shop.test']): string => {
    try {
      bareHost({ origins, services: services as Services });
    } catch (error) {
      expect(error).to.include({ code: 'INVALID_ARGUMENT' });
      return (error as Error).message;
    }
    throw new Error('It was served');
  };

  it('is checked at serve(): origins that can’t be read', () => {
    for (const origins of [
      ['*'],
      ['null'],
      ['app.test'],
      [`${PAGE}/path`],
      [7],
      [],
      PAGE,
      {},
      null,
    ])
      expect(throws({ admin: ruled({}, { origins } as never) }), JSON.stringify(origins)).to.match(
        /origins/,
      );
    expect(throws({ admin: ruled({}, { origin: [PAGE] } as never) })).to.include('"origin"');
    expect(throws({ admin: ruled(7 as never) })).to.include('admin has no methods');
    expect(throws({ admin: ruled({}, null as never) })).to.include('no object');
  });

  it('is checked at serve(): origins that are not let in at all', () => {
    for (const origin of [
      ...[OTHER, 'http://app.test', 'https://app.test:8443', 'https://*.app.test'],
      ...['https://shop.test', 'https://a.b.shop.test', 'http://*.shop.test', API],
    ])
      expect(throws({ admin: ruled({}, { origins: [PAGE, origin] }) }), origin).to.include(
        `the service admin is for '${origin}', which is not among origins`,
      );
  });
});
