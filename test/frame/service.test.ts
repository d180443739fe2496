import { expect } from '@esm-bundle/chai';
import { HadokenError } from '../../src/rpc/errors.ts';
import type { Services } from '../../src/rpc/services.ts';
import { transfer } from '../../src/rpc/transfer.ts';
import { bareHost, rejection } from '../support/bare-host.ts';
import { until } from '../support/env.ts';

class Inherited {
  secret(): string {
    return 'secret';
  }
}

const services = {
  math: {
    base: 10,
    add: (a: number, b: number) => a + b,
    async slowly(value: unknown) {
      return { value };
    },
    self(this: { base: number }) {
      return this.base;
    },
    fail() {
      throw Object.assign(new RangeError('too large'), { code: 'E_RANGE', data: { max: 3 } });
    },
    refuse() {
      throw new HadokenError('POLICY_REFUSED', 'no more', { data: { max: 4 } });
    },
    failOddly() {
      throw 'just text';
    },
    domFail() {
      throw new DOMException('gone', 'NotFoundError');
    },
    unclonable: () => () => 1,
  },
  bytes: {
    size: (bytes: Uint8Array) => bytes.byteLength,
    make: (size: number) => {
      const made = new Uint8Array(size);
      return transfer(made, [made.buffer]);
    },
    echo(port: MessagePort) {
      port.onmessage = ({ data }) => port.postMessage([data]);
    },
    open() {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => port1.postMessage([data]);
      return transfer(port2, [port2]);
    },
  },
  inherited: new Inherited(),
} satisfies Record<string, object>;

const { service } = bareHost({ services: services as unknown as Services });
const math = service<(typeof services)['math']>('math');
const bytes = service<(typeof services)['bytes']>('bytes');

describe('a service', () => {
  it('is called with what structured clone takes, and answers so', async () => {
    expect(await math.add(1, 2)).to.equal(3);
    const value = { date: new Date(0), map: new Map([[1, new Set(['a'])]]), none: undefined };
    expect(await math.slowly(value)).to.deep.equal({ value });
    expect(await math.self(), 'its methods have their object').to.equal(10);
  });

  it('tells what its methods throw', async () => {
    const error = await rejection(math.fail());
    expect(error)
      .to.be.instanceOf(RangeError)
      .and.to.deep.include({ message: 'too large', code: 'E_RANGE' });
    expect(error).to.have.deep.property('data', { max: 3 });
    const own = await rejection(math.refuse());
    expect(own).to.be.instanceOf(HadokenError).and.to.have.deep.property('data', { max: 4 });
    expect(await rejection(math.failOddly())).to.have.property('message', 'just text');
    expect(await rejection(math.domFail()))
      .to.be.instanceOf(DOMException)
      .with.property('name', 'NotFoundError');
  });

  it('tells what does not clone, either way', async () => {
    const answer = await rejection(math.unclonable());
    expect(answer).to.be.instanceOf(HadokenError).with.property('code', 'UNSUPPORTED');
    expect(answer.message, 'one full stop').to.match(
      /[^.]\. Return what structured clone takes\.$/,
    );
    expect(await rejection(math.slowly(() => 1))).to.include({ code: 'INVALID_ARGUMENT' });
    expect(await math.add(1, 1), 'and goes on').to.equal(2);
  });

  it('has its own methods and no other', async () => {
    type Any = Record<string, () => unknown>;
    for (const [name, method] of [
      ['math', 'missing'],
      ['math', 'base'],
      ['math', 'constructor'],
      ['math', 'toString'],
      ['math', '__proto__'],
      ['inherited', 'secret'],
      ['missing', 'add'],
      ['constructor', 'call'],
      ['__proto__', 'toString'],
    ] as const) {
      const called = service<Any>(name)[method] as () => Promise<unknown>;
      expect(await rejection(called()), `${name}.${method}`).to.have.property(
        'code',
        'METHOD_NOT_FOUND',
      );
    }
  });

  it('says why a method is not called: it is not there, no function, or inherited', async () => {
    type Any = Record<string, () => Promise<unknown>>;
    const { service } = bareHost({
      services: { odd: { text: 1 } as never, classy: new Date() as never },
    });
    const said = async (name: string, method: string): Promise<string> =>
      (await rejection(service<Any>(name)[method]?.() as Promise<unknown>)).message;
    expect(await said('odd', 'none')).to.equal(
      "service('odd').none does not exist. Add it to services in host.js.",
    );
    expect(await said('none', 'none')).to.contain('does not exist');
    expect(await said('odd', 'text')).to.equal(
      "service('odd').text is no function, and can't be called.",
    );
    expect(await said('classy', 'getTime')).to.match(/^service\('classy'\)\.getTime is inherited/);
  });

  it('is no promise: awaiting it calls nothing', async () => {
    expect(await Promise.resolve(math)).to.equal(math);
  });

  it('copies what it is given', async () => {
    const given = new Uint8Array(100);
    expect(await bytes.size(given)).to.equal(100);
    expect(given.byteLength).to.equal(100);
  });

  it('moves what transfer() says', async () => {
    const given = new Uint8Array(100);
    expect(await bytes.size(transfer(given, [given.buffer]))).to.equal(100);
    expect(given.byteLength, 'moved there').to.equal(0);
    expect(await bytes.make(100), 'moved back')
      .to.be.instanceOf(Uint8Array)
      .with.property('byteLength', 100);
  });

  it('moves ports, both ways', async () => {
    const { port1, port2 } = new MessageChannel();
    await bytes.echo(transfer(port2, [port2]));
    const ask = (port: MessagePort): Promise<unknown> =>
      new Promise((resolve) => {
        port.onmessage = ({ data }) => resolve(data);
        port.postMessage('hello');
      });
    expect(await ask(port1)).to.deep.equal(['hello']);
    expect(await ask(await bytes.open())).to.deep.equal(['hello']);
  });
});

describe('service(name, { timeout, signal })', () => {
  type Slow = { later(ms: number): string; never(): void };
  const calls: string[] = [];
  const slow = {
    later: (ms: number) =>
      new Promise((resolve) => {
        setTimeout(() => {
          calls.push(`later ${ms}`);
          resolve(`after ${ms}`);
        }, ms);
      }),
    never: () => new Promise(() => {}),
  };
  const { lose, service } = bareHost({ services: { slow } });

  it('rejects a call that takes longer than `timeout` with a TimeoutError, and no other', async () => {
    const limited = service<Slow>('slow', { timeout: 60 });
    const start = performance.now();
    const patient = service<Slow>('slow', { timeout: 9_000 });
    const [late, inTime] = await Promise.all([rejection(limited.never()), patient.later(1)]);
    expect(late).to.be.instanceOf(DOMException);
    expect(late.name).to.equal('TimeoutError');
    expect(performance.now() - start).to.be.above(55);
    expect(inTime).to.equal('after 1');
    expect(await service<Slow>('slow').later(150), 'without one').to.equal('after 150');
  });

  it('counts from each call, not from service()', async () => {
    const limited = service<Slow>('slow', { timeout: 4_000 });
    await new Promise((resolve) => setTimeout(resolve, 4_100));
    expect(await limited.later(1)).to.equal('after 1');
  });

  it('rejects what is not answered yet with the reason of `signal`, and all later calls', async () => {
    const control = new AbortController();
    const { signal } = control;
    const heeding = service<Slow>('slow', { signal });
    expect(await heeding.later(1)).to.equal('after 1');
    const waiting = [rejection(heeding.never()), rejection(heeding.later(90))];
    const reason = new Error('enough');
    control.abort(reason);
    expect(await Promise.all(waiting)).to.deep.equal([reason, reason]);
    expect(await rejection(heeding.later(1))).to.equal(reason);
    expect(await service<Slow>('slow').later(1), 'another handle of it').to.equal('after 1');
  });

  it('does not stop what the frame does', async () => {
    const asked = rejection(service<Slow>('slow', { timeout: 10 }).later(77));
    expect((await asked).name).to.equal('TimeoutError');
    await until(() => calls.includes('later 77'));
  });

  it('takes both, and whichever comes first', async () => {
    const { signal } = new AbortController();
    expect((await rejection(service<Slow>('slow', { signal, timeout: 20 }).never())).name).to.equal(
      'TimeoutError',
    );
    const aborted = service<Slow>('slow', { signal: AbortSignal.abort(), timeout: 20 });
    expect((await rejection(aborted.never())).name).to.equal('AbortError');
  });

  it('counts the wait for the frame', async () => {
    const limited = service<Slow>('slow', { timeout: 30 });
    const waiting = rejection(limited.never());
    lose();
    expect(await waiting).to.include({ code: 'FRAME_LOST' });
    expect((await rejection(limited.never())).name).to.equal('TimeoutError');
  });

  it('rejects with what the platform says of a time that is none, or of what is no signal', async () => {
    for (const timeout of [-1, Number.NaN, -Infinity, '10s' as unknown as number])
      expect(
        await rejection(service<Slow>('slow', { timeout }).later(1)),
        String(timeout),
      ).to.be.instanceOf(TypeError);
    for (const none of [0, null, false, Infinity, undefined] as const)
      expect(await service<Slow>('slow', { timeout: none }).later(1)).to.equal('after 1');
    const signal = {} as AbortSignal;
    expect(await rejection(service<Slow>('slow', { signal }).later(1))).to.be.instanceOf(TypeError);
  });
});
