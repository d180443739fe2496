import { expect } from '@esm-bundle/chai';
import { fromWireError, HadokenError, isHadokenError, toWireError } from '../../src/rpc/errors.ts';

const never = (): never => {
  throw new RangeError('read');
};

const round = (thrown: unknown): Error & { code?: unknown; data?: unknown } =>
  fromWireError(structuredClone(toWireError(thrown)));

describe('an error that crosses', () => {
  for (const Native of [
    Error,
    TypeError,
    RangeError,
    SyntaxError,
    ReferenceError,
    URIError,
    EvalError,
  ]) {
    it(`is a ${Native.name} again`, () => {
      const error = round(new Native('why'));
      expect(error).to.be.instanceOf(Native);
      expect(error).to.include({ name: Native.name, message: 'why' });
    });
  }

  it('is a HadokenError again, with its code, and a TypeError', () => {
    const error = round(new HadokenError('LIMIT_EXCEEDED', 'too much'));
    expect(error).to.be.instanceOf(HadokenError).and.instanceOf(TypeError);
    expect(error).to.include({ name: 'HadokenError', code: 'LIMIT_EXCEEDED', message: 'too much' });
  });

  it('is a DOMException again, with its number', () => {
    for (const name of ['AbortError', 'TimeoutError', 'QuotaExceededError']) {
      const error = round(new DOMException('why', name));
      expect(error).to.be.instanceOf(DOMException);
      expect(error).to.include({ name, message: 'why' });
    }
    expect(round(new DOMException('', 'AbortError')).code).to.equal(20);
  });

  it('keeps code and data, and a name of its own', () => {
    class PaymentError extends Error {
      override name = 'PaymentError';
      code = 'E_PAY';
      data = { missing: 3 };
    }
    expect(round(new PaymentError('broke'))).to.deep.include({
      name: 'PaymentError',
      code: 'E_PAY',
      data: { missing: 3 },
    });
  });

  it('is made of anything that can be thrown', () => {
    expect(round('text').message).to.equal('text');
    expect(round(undefined).message).to.equal('undefined');
    expect(round(null)).to.be.instanceOf(Error);
    expect(round(Symbol('s')).message).to.equal('Symbol(s)');
    expect(round({ message: 'like an error' }).message).to.equal('like an error');
    expect(round(Object.create(null))).to.be.instanceOf(Error);
    const hostile = {
      get message(): string {
        return { toString: null } as unknown as string;
      },
    };
    expect(round(hostile)).to.be.instanceOf(Error);
  });

  const secretly = (member: string, get: () => unknown): object =>
    Object.defineProperty({ name: 'E', message: 'kept', code: 'E_KEPT' }, member, { get });
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const unclonable: [what: string, data: unknown][] = [
    ['a function', () => {}],
    ['a symbol', Symbol('x')],
    ['a proxy', new Proxy({}, {})],
    ['a function deep inside', { a: [{ b: () => {} }] }],
    ['a promise', Promise.resolve()],
    ['a WeakMap', new WeakMap()],
    ['an element', document.createElement('p')],
    ['a port', new MessageChannel().port1],
    [
      'a getter that throws',
      Object.defineProperty({}, 'x', { enumerable: true, get: () => never() }),
    ],
  ];
  for (const [what, data] of unclonable)
    it(`keeps its message when its data is ${what}, which does not clone`, () => {
      const wire = toWireError(Object.assign(new Error('kept'), { code: 'E_KEPT', data }));
      expect(structuredClone(wire)).to.deep.equal({
        name: 'Error',
        message: 'kept',
        code: 'E_KEPT',
      });
    });

  for (const member of ['name', 'code', 'data', 'stack'])
    it(`keeps its message when reading ${member} throws`, () => {
      expect(round(secretly(member, never)).message).to.equal('kept');
    });

  it('is made of a revoked proxy, of a trap that throws, and of a message that throws', () => {
    for (const thrown of [revoked.proxy, new Proxy({}, { get: never }), secretly('message', never)])
      expect(round(thrown)).to.be.instanceOf(Error);
  });

  it('does not show the source of a function that was thrown', () => {
    const thrown = (): string => 'the source';
    expect(JSON.stringify(toWireError(thrown))).not.to.contain('the source');
  });

  it('shows no stack of the frame', () => {
    expect(toWireError(new Error('x'))).to.deep.equal({ name: 'Error', message: 'x' });
  });

  it('says when it had no stack, as WebKit’s network errors', () => {
    const bare = { name: 'TypeError', message: 'Load failed' };
    expect(toWireError(bare)).to.deep.equal({ ...bare, bare: true });
    expect(toWireError(new TypeError('Load failed'))).to.deep.equal(bare);
    const back = fromWireError({ ...bare, bare: true });
    expect(back).to.be.instanceOf(TypeError);
    expect(Object.hasOwn(back, 'stack')).to.equal(false);
  });

  const hostile: unknown[] = [
    undefined,
    null,
    0,
    'text',
    [],
    { toString: 1, valueOf: 1 },
    Object.create(null),
    1n,
    new Map(),
  ];
  for (const [at, value] of hostile.entries())
    it(`is an Error whatever a fallen frame sends: value ${at} for it, or for each of its fields`, () => {
      for (const dom of [false, true, value])
        for (const name of ['HadokenError', 'TypeError', value]) {
          const fields = {
            name,
            message: value,
            code: value,
            dom,
            bare: value,
            type: value,
            transport: value,
          };
          const error = fromWireError(structuredClone(fields));
          const { message, name: called, code } = error as HadokenError;
          const texts = error instanceof HadokenError ? [message, called, code] : [message, called];
          // Types alone are compared: the runner can't report a BigInt.
          expect(
            error instanceof Error && texts.every((text) => typeof text === 'string'),
          ).to.equal(true);
        }
      expect(fromWireError(value) instanceof Error).to.equal(true);
    });

  it('takes no name of a fallen frame’s choice', () => {
    const names = [
      'stack',
      'cause',
      'toString',
      'constructor',
      '__proto__',
      'message',
      'then',
      'toJSON',
    ];
    const wire = JSON.parse(`{${names.map((name) => `"${name}":"x"`)}}`);
    const error = fromWireError(wire);
    expect(Object.getOwnPropertyNames(error).sort()).to.deep.equal(
      Object.getOwnPropertyNames(Object.assign(new Error('x'), { name: 'x' })).sort(),
    );
    expect(Object.getPrototypeOf(error)).to.equal(Error.prototype);
    expect(error.toString).to.equal(Error.prototype.toString);
  });

  it('is rebuilt on a page that has frozen the prototypes of errors', async () => {
    const frame = document.body.appendChild(document.createElement('iframe'));
    const page = frame.contentWindow as Window & typeof globalThis;
    for (const Native of [page.Error, page.TypeError, page.RangeError, page.Object])
      page.Object.freeze(Native.prototype);
    const names = ['HadokenError', 'TypeError', 'RangeError', 'Error', 'PaymentError'];
    const url = new URL('../../src/rpc/errors.ts', import.meta.url).href;
    const code = `import('${url}').then(({ fromWireError }) =>
      ${JSON.stringify(names)}.map((name) => fromWireError({ name, message: 'why', code: 'E', data: 1 })))`;
    const errors: Error[] = await page.eval(code);
    expect(errors.map(({ name, message }) => `${name} ${message}`)).to.deep.equal(
      names.map((name) => `${name} why`),
    );
    frame.remove();
  });

  it('is never made of a prototype', () => {
    for (const name of ['constructor', '__proto__', 'toString'])
      expect(fromWireError({ name, message: '' }))
        .to.be.instanceOf(Error)
        .and.have.property('name', name);
  });
});

describe('isHadokenError', () => {
  it('knows the errors of every copy of this code, what they were rebuilt from, and subclasses', async () => {
    const copy = await import(`${location.origin}/hadoken/hadoken.mjs`);
    class Own extends HadokenError {}
    for (const error of [
      new HadokenError('CLOSED', 'why'),
      new copy.HadokenError('CLOSED', 'why'),
      new Own('CLOSED', 'why'),
      fromWireError(toWireError(new HadokenError('CLOSED', 'why'))),
    ]) {
      expect(isHadokenError(error)).to.equal(true);
      expect(copy.isHadokenError(error)).to.equal(true);
    }
    expect(new copy.HadokenError('CLOSED', 'why')).not.to.be.instanceOf(HadokenError);
  });

  it('knows nothing else for one', () => {
    const likeness = { name: 'HadokenError', code: 'CLOSED', message: 'why' };
    for (const value of [
      undefined,
      null,
      0,
      'HadokenError',
      1n,
      Symbol.iterator,
      {},
      [],
      likeness,
      () => {},
    ])
      expect(isHadokenError(value)).to.equal(false);
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const throwing = new Proxy({}, { get: () => never() });
    for (const value of [proxy, throwing]) expect(isHadokenError(value)).to.equal(false);
    for (const error of [
      new Error(),
      new TypeError(),
      Object.assign(new TypeError('why'), likeness),
    ])
      expect(isHadokenError(error)).to.equal(false);
  });
});
