import { expect } from '@esm-bundle/chai';
import type { Services } from '../../src/frame/options.ts';
import { HadokenError } from '../../src/rpc/errors.ts';
import { transfer } from '../../src/rpc/transfer.ts';
import { bareHost, rejection } from '../support/bare-host.ts';

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
    expect(error).to.be.instanceOf(RangeError).and.to.deep.include({ message: 'too large', code: 'E_RANGE' });
    expect(error).to.have.deep.property('data', { max: 3 });
    expect(await rejection(math.failOddly())).to.have.property('message', 'just text');
    expect(await rejection(math.domFail()))
      .to.be.instanceOf(DOMException)
      .with.property('name', 'NotFoundError');
  });

  it('tells what does not clone, either way', async () => {
    expect(await rejection(math.unclonable()))
      .to.be.instanceOf(HadokenError)
      .with.property('code', 'UNSUPPORTED');
    expect(await rejection(math.slowly(() => 1))).to.have.property('name', 'DataCloneError');
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
      expect(await rejection(called()), `${name}.${method}`).to.have.property('code', 'POLICY_REFUSED');
    }
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
