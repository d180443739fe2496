import { expect } from '@esm-bundle/chai';
import fc from 'fast-check';
import { connect, type HadokenError } from '../../src/parent/index.ts';
import { readCall } from '../../src/rpc/guard.ts';
import { callByHand, shakeByHand } from '../support/attacker.ts';
import { env, frameUrl } from '../support/env.ts';

type Raw = { type: string; value?: unknown };
type Answer = {
  id: string;
  type: string;
  value: { value?: unknown; error?: { name: string; code?: string } };
};

const raw = (value: unknown): Raw => ({ type: 'RAW', value });

/** What an allowed page's attack would leave behind in the frame. */
async function traces(port: MessagePort): Promise<unknown> {
  const message = {
    type: 'APPLY',
    path: ['call'],
    argumentList: [raw('probe'), raw('traces'), raw([])],
  };
  return ((await callByHand(port, message)) as Answer).value.value;
}

/** Paths that comlink would walk. */
const paths = [
  [],
  ['constructor'],
  ['constructor', 'constructor'],
  ['__proto__'],
  ['__proto__', 'polluted'],
  ['constructor', 'prototype', 'polluted'],
  ['toString'],
  ['hasOwnProperty'],
  ['__defineGetter__'],
  ['ping', 'constructor'],
  ['ping', 'call'],
  ['ping', 'bind'],
  ['fetch', 'apply'],
  ['call', 'constructor', 'constructor'],
  ['services'],
];

const code = 'globalThis.pwned = 1';
const attacks: [string, Record<string, unknown>][] = [
  ...['GET', 'SET', 'CONSTRUCT', 'ENDPOINT', 'RELEASE', 'APPLY', 'HANDLER', 'apply', ''].flatMap(
    (type) =>
      paths.map((path): [string, Record<string, unknown>] => [
        `${type || 'no type'} of ${path.join('.') || 'the contract itself'}`,
        { type, path, argumentList: [raw(code)], value: raw(code) },
      ]),
  ),
  ['a path that is text', { type: 'APPLY', path: 'ping', argumentList: [] }],
  ['a path of a path', { type: 'APPLY', path: [['ping']], argumentList: [] }],
  [
    'a path that is like an array',
    { type: 'APPLY', path: { 0: 'ping', length: 1 }, argumentList: [] },
  ],
  ['a method twice', { type: 'APPLY', path: ['ping', 'ping'], argumentList: [] }],
  ['no path', { type: 'APPLY', argumentList: [] }],
  ['no arguments', { type: 'APPLY', path: ['ping'] }],
  [
    'arguments that are like an array',
    { type: 'APPLY', path: ['ping'], argumentList: { length: 0 } },
  ],
  ['an argument too many', { type: 'APPLY', path: ['ping'], argumentList: [raw(1)] }],
  ['a type that is an array', { type: ['APPLY'], path: ['ping'], argumentList: [] }],
  ...['proxy', 'throw', 'constructor', '__proto__'].map(
    (name): [string, Record<string, unknown>] => [
      `an argument for comlink's handler ${name}`,
      {
        type: 'APPLY',
        path: ['call'],
        argumentList: [{ type: 'HANDLER', name, value: code }, raw('add'), raw([])],
      },
    ],
  ),
  [
    'a call with text for arguments',
    { type: 'APPLY', path: ['call'], argumentList: [raw('probe'), raw('add'), raw('')] },
  ],
  ['requests without a port', { type: 'APPLY', path: ['fetch'], argumentList: [raw({})] }],
  ['a push without a port', { type: 'APPLY', path: ['push'], argumentList: [raw('port')] }],
];

/** Everything that structured clone takes, and calls that are nearly right. */
const nearly = fc.record(
  {
    id: fc.oneof(fc.string(), fc.anything()),
    type: fc.constantFrom('APPLY', 'GET', 'SET', 'CONSTRUCT', 'ENDPOINT', 'RELEASE', undefined),
    path: fc.oneof(
      fc.array(
        fc.constantFrom(
          'ping',
          'fetch',
          'push',
          'call',
          'constructor',
          '__proto__',
          'prototype',
          'then',
        ),
        {
          maxLength: 3,
        },
      ),
      fc.anything(),
    ),
    argumentList: fc.oneof(
      fc.array(fc.record({ type: fc.constantFrom('RAW', 'HANDLER'), value: fc.anything() }), {
        maxLength: 3,
      }),
      fc.anything(),
    ),
    value: fc.anything(),
  },
  { requiredKeys: [] },
);
const anything = fc.oneof(
  nearly,
  fc.anything({
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withBigInt: true,
    withSparseArray: true,
    withNullPrototype: true,
  }),
);

describe('the port of an allowed page', () => {
  let port: MessagePort;
  let frame: HTMLIFrameElement;
  before(async () => {
    ({ port, frame } = await shakeByHand(frameUrl('border')));
    expect(await traces(port)).to.deep.equal([]);
  });
  afterEach(async () => {
    expect(
      await callByHand(port, { type: 'APPLY', path: ['ping'], argumentList: [] }),
    ).to.nested.include({
      type: 'RAW',
    });
    expect(await traces(port)).to.deep.equal([]);
  });
  after(() => frame.remove());

  for (const [what, message] of attacks) {
    it(`refuses ${what}`, async () => {
      const answer = (await callByHand(port, message)) as Answer;
      expect(answer.type).to.equal('RAW');
      expect(answer.value).to.have.all.keys('error');
      expect(answer.value.error).to.include({ name: 'HadokenError', code: 'INVALID_ARGUMENT' });
    });
  }

  it('answers nothing that has no id of a sensible size', async () => {
    const answers: unknown[] = [];
    const listen = ({ data }: MessageEvent): void => void answers.push(data);
    const ping = { type: 'APPLY', path: ['ping'], argumentList: [] };
    port.addEventListener('message', listen);
    for (const id of [undefined, null, 1, {}, ['1'], 'x'.repeat(129)])
      port.postMessage({ ...ping, id });
    port.postMessage({ ...ping, id: 'x'.repeat(128) });
    await callByHand(port, ping);
    port.removeEventListener('message', listen);
    expect(answers).to.have.length(2);
  });

  it(`lives through 3,000 generated messages (seed ${env.seed})`, async function () {
    this.timeout(60_000);
    const errors: unknown[] = [];
    const listen = ({ data }: MessageEvent): void => {
      if (data?.value?.error === undefined) errors.push(data);
    };
    port.addEventListener('message', listen);
    for (const message of fc.sample(anything, { numRuns: 3_000, seed: env.seed })) {
      try {
        port.postMessage(message);
      } catch {
        // Not clonable: it can't be sent.
      }
    }
    await callByHand(port, { type: 'APPLY', path: ['none'], argumentList: [] }, 50_000);
    port.removeEventListener('message', listen);
    // A generated call may be right by chance, and then it is answered.
    expect(errors.filter((data) => !isPingOrCall(data))).to.deep.equal([]);
  });
});

function isPingOrCall(data: unknown): boolean {
  const { type, value } = data as Answer;
  return type === 'RAW' && 'value' in value && value.value === undefined;
}

/** Calls that are right, but for what may hang on them: else a seed might give none. */
const right = fc.record(
  {
    id: fc.string({ maxLength: 128 }),
    type: fc.constant('APPLY'),
    path: fc.constantFrom(['ping'], ['call']),
    argumentList: fc.constantFrom([], [{ type: 'RAW', value: 'text', more: 1 }]),
    value: fc.anything(),
  },
  { requiredKeys: ['id', 'type', 'path', 'argumentList'] },
);

describe('the guard before comlink', () => {
  const checks = new Map([
    ['ping', (args: readonly unknown[]) => args.length === 0],
    ['call', (args: readonly unknown[]) => args.length === 1 && typeof args[0] === 'string'],
  ]);

  it(`admits calls of the contract alone, out of 34,000 messages (seed ${env.seed})`, async function () {
    this.timeout(120_000);
    let admitted = 0;
    const run = (from: number): void =>
      fc.assert(
        fc.property(
          fc.oneof({ weight: 20, arbitrary: anything }, { weight: 1, arbitrary: right }),
          (data) => {
            const call = readCall(data, checks);
            if (!call) return;
            admitted += 1;
            const asked = data as Record<string, unknown>;
            const { id, type, path, argumentList } = call;
            expect(Object.keys(call).sort()).to.deep.equal(['argumentList', 'id', 'path', 'type']);
            expect([type, asked.type]).to.deep.equal(['APPLY', 'APPLY']);
            expect(typeof id).to.equal('string');
            expect(path).to.have.length(1);
            expect(checks.get(path[0])?.(argumentList.map(({ value }) => value))).to.equal(true);
            expect(
              argumentList.every((value) => Object.keys(value).sort().join() === 'type,value'),
            ).to.equal(true);
          },
        ),
        { numRuns: 3_400, seed: env.seed + from },
      );
    for (let from = 0; from < 10; from++) {
      run(from);
      await new Promise((resolve) => setTimeout(resolve));
    }
    // Else the property was never looked at.
    expect(admitted).to.be.greaterThan(0);
  });
});

describe('names of prototypes', () => {
  const hadoken = connect(frameUrl('border'), { log: 'silent' });
  after(() => hadoken.close());
  const names = [
    'constructor',
    '__proto__',
    'prototype',
    'toString',
    'hasOwnProperty',
    'valueOf',
    '__defineGetter__',
  ];

  async function codeOf(service: string, method: string): Promise<string> {
    const call = (hadoken.service(service) as Record<string, () => Promise<unknown>>)[
      method
    ] as () => Promise<unknown>;
    return call().then(
      (value) => `answered ${String(value)}`,
      ({ code: refused }: HadokenError) => refused,
    );
  }

  for (const name of names) {
    it(`are neither services nor methods: ${name}`, async () => {
      expect(await codeOf(name, 'call')).to.equal('METHOD_NOT_FOUND');
      expect(await codeOf('probe', name)).to.equal('METHOD_NOT_FOUND');
    });
    it(`are neither rules, methods nor headers of a request: ${name}`, async () => {
      const method = await hadoken.fetch('/api/echo', { method: name }).catch((error) => error);
      expect(method).to.include({ code: 'POLICY_REFUSED' });
      const header = await hadoken
        .fetch('/api/echo', { headers: { [name]: '1' } })
        .catch((error) => error);
      if (header instanceof Response)
        expect((await header.json()).headers).not.to.have.property(name);
      else expect(header).to.include({ code: 'POLICY_REFUSED' });
    });
  }

  it('services give what they own and no more', async () => {
    expect(await codeOf('inherited', 'secret')).to.equal('METHOD_NOT_FOUND');
    expect(await codeOf('notFunctions', 'text')).to.equal('METHOD_NOT_FOUND');
    expect(await codeOf('notFunctions', 'nested')).to.equal('METHOD_NOT_FOUND');
    expect(await codeOf('probe', 'nothing')).to.equal('METHOD_NOT_FOUND');
    expect(
      await hadoken.service<{ add(a: number, b: number): number }>('probe').add(1, 2),
    ).to.equal(3);
  });

  it('services that throw, or answer with what does not clone, settle their call', async () => {
    type Probe = { fail(text: string): void; throwNothing(): void; notClonable(): void };
    const probe = hadoken.service<Probe>('probe');
    const failed = await probe.fail('on purpose').catch((error) => error);
    expect(failed).to.be.instanceOf(RangeError);
    expect(failed).to.deep.include({
      message: 'on purpose',
      code: 'E_PROBE',
      data: { from: 'probe' },
    });
    expect(await probe.throwNothing().catch(String)).to.be.a('string');
    expect(await probe.notClonable().catch((error) => error)).to.include({ code: 'UNSUPPORTED' });
  });
});
