import { expect } from '@esm-bundle/chai';
import { expose } from 'comlink';
import { callHost, type HostCall, itemsPortOf } from '../../src/rpc/calls.ts';
import type { HostContract } from '../../src/rpc/contract.ts';
import { HadokenError } from '../../src/rpc/errors.ts';
import { exposeGuarded } from '../../src/rpc/guard.ts';

const throwNothing = (): never => {
  throw Object.create(null);
};

/** As much of a host as the calls need. */
const contract = {
  ping: () => ({ value: undefined }),
  call: async (_service: string, method: string, args: unknown[]) => {
    if (method === 'fail')
      return { error: { name: 'HadokenError', code: 'POLICY_REFUSED', message: 'no' } };
    if (method === 'throw') throw new RangeError('thrown at comlink itself');
    if (method === 'later') return new Promise(() => {});
    if (method === 'odd') return 5;
    if (method === 'function') return { value: () => {} };
    if (method === 'hostile')
      return { value: Object.defineProperty({}, 'x', { enumerable: true, get: throwNothing }) };
    return { value: args };
  },
} as unknown as HostContract;

const anyArguments = new Map(['ping', 'call'].map((name) => [name, () => true]));
const dropped: unknown[] = [];
const hosts: Record<string, (port: MessagePort) => void> = {
  'comlink as it is': (port) => expose(contract, port),
  'comlink behind the guard': (port) =>
    exposeGuarded(contract, port, anyArguments, (data) => dropped.push(data)),
};

for (const [name, serve] of Object.entries(hosts)) {
  describe(`calls to ${name}`, () => {
    let call: HostCall;
    let end: AbortController;
    let port: MessagePort;
    beforeEach(() => {
      const { port1, port2 } = new MessageChannel();
      port = port2;
      end = new AbortController();
      serve(port2);
      call = callHost(port1, end.signal);
    });
    afterEach(() => port.close());
    const ask = (method: string, ...args: unknown[]): Promise<unknown> =>
      call('call', ['service', method, args]);
    const failure = (asked: Promise<unknown>): Promise<Error & { code?: string }> =>
      asked.then(
        (value) => expect.fail(`answered ${value}`),
        (error) => error,
      );

    it('resolve with the value', async () => {
      expect(await call('ping', [])).to.equal(undefined);
      expect(await ask('echo', 1, [2], { three: new Date(3) })).to.deep.equal([
        1,
        [2],
        { three: new Date(3) },
      ]);
    });

    it('settle each with its own, though many are under way', async () => {
      const all = Array.from({ length: 100 }, (_, i) => ask('echo', i));
      expect(await Promise.all(all)).to.deep.equal(Array.from({ length: 100 }, (_, i) => [i]));
    });

    it('reject with the rebuilt error', async () => {
      expect(await failure(ask('fail')))
        .to.be.instanceOf(HadokenError)
        .and.include({ code: 'POLICY_REFUSED' });
    });

    it('reject when the host throws past its contract', async () => {
      expect(await failure(ask('throw'))).to.be.instanceOf(Error);
    });

    it('settle when the answer is no outcome, or does not clone', async () => {
      expect(await ask('odd')).to.equal(undefined);
      expect(await failure(ask('function'))).to.be.instanceOf(Error);
    });

    it('reject at once with arguments that do not clone', async () => {
      expect(await failure(ask('echo', () => {}))).to.have.property('name', 'DataCloneError');
      expect(await ask('echo', 1)).to.deep.equal([1]);
    });

    it('reject with the reason when the session ends, and afterwards', async () => {
      const calls = [ask('later'), ask('later')];
      const reason = new HadokenError('FRAME_LOST', 'gone');
      end.abort(reason);
      for (const asked of [...calls, ask('echo')]) expect(await failure(asked)).to.equal(reason);
    });

    const hostile: [what: string, answer: object][] = [
      ['no value', {}],
      ['a value that is none', { type: 'RAW', value: 7 }],
      ['null for a value', { type: 'RAW', value: null }],
      [
        'another type',
        { type: 'HANDLER', name: 'throw', value: { isError: true, value: { message: 1 } } },
      ],
      ['a proxy of comlink’s', { type: 'HANDLER', name: 'proxy', value: { value: 1 } }],
      ['a list for an error', { type: 'RAW', value: { error: [] } }],
      ['a text for an error', { type: 'RAW', value: { error: 'x' } }],
      ...['name', 'message', 'code', 'data', 'dom', 'bare'].map((field): [string, object] => [
        `an error whose ${field} can’t be made a text`,
        {
          type: 'RAW',
          value: {
            error: { name: 'TypeError', message: 'x', [field]: { toString: 1, valueOf: 1 } },
          },
        },
      ]),
      [
        'a DOMException of a hostile name',
        {
          type: 'RAW',
          value: { error: { dom: true, name: { toString: 1 }, message: { toString: 1 } } },
        },
      ],
      [
        'a HadokenError without a code',
        { type: 'RAW', value: { error: { name: 'HadokenError', code: {} } } },
      ],
      ['a value that can’t be made a text', { type: 'RAW', value: { value: { toString: 1 } } }],
    ];
    for (const [what, answer] of hostile)
      it(`settle when the answer has ${what}, and so does the next`, async () => {
        const { port1, port2 } = new MessageChannel();
        port2.onmessage = ({ data }) => port2.postMessage({ id: data.id, ...answer });
        const callFallen = callHost(port1, end.signal);
        for (let i = 0; i < 2; i++) {
          const settled = await callFallen('ping', []).then(
            () => undefined,
            (error) => error,
          );
          if (settled) expect(settled).to.be.instanceOf(Error);
        }
        port1.close();
      });

    it('reject with what is thrown while an answer is rebuilt', async () => {
      const { port1, port2 } = new MessageChannel();
      port2.onmessage = ({ data }) =>
        port2.postMessage({
          id: data.id,
          type: 'RAW',
          value: { error: { dom: true, name: 'x', message: 'x' } },
        });
      const callFallen = callHost(port1, end.signal);
      const real = globalThis.DOMException;
      globalThis.DOMException = class {
        constructor() {
          throw new Error('replaced by the page');
        }
      } as never;
      const failed = await failure(callFallen('ping', []));
      globalThis.DOMException = real;
      expect(failed.message).to.equal('replaced by the page');
      port1.close();
    });

    it('are answered when reading what a method returned throws', async () => {
      expect(await failure(ask('hostile'))).to.be.instanceOf(Error);
      expect(await ask('echo', 1)).to.deep.equal([1]);
    });

    it('heed no answer to what was not asked', async () => {
      const asked = ask('later');
      for (const data of [
        null,
        1,
        'x',
        {},
        { id: 'none', type: 'RAW', value: { value: 1 } },
        { id: 1 },
      ])
        port.postMessage(data);
      expect(await ask('echo', 1)).to.deep.equal([1]);
      end.abort(new HadokenError('CLOSED', 'x'));
      expect(await failure(asked)).to.include({ code: 'CLOSED' });
    });
  });
}

describe('the port of a stream', () => {
  it('is the answer’s own: no value of an answer is taken for it', async () => {
    const { port1, port2 } = new MessageChannel();
    const call = callHost(port1, new AbortController().signal);
    const answers = [
      { items: {} },
      { items: 'port' },
      { items: { postMessage: 1 } },
      { value: { items: new MessageChannel().port1 } },
    ];
    port2.onmessage = ({ data }) => {
      const value = answers.shift() as { value?: { items: MessagePort } };
      const transfers = value.value ? [value.value.items] : [];
      port2.postMessage({ id: data.id, type: 'RAW', value }, transfers);
    };
    for (let i = 0; i < 4; i++)
      expect(itemsPortOf(await call('call', ['a', 'b', []]))).to.equal(undefined);
    for (const value of [undefined, null, 1, {}, { port: port1 }])
      expect(itemsPortOf(value)).to.equal(undefined);
  });
});
