import { expect } from '@esm-bundle/chai';
import { fromWireError, HadokenError, toWireError } from '../../src/rpc/errors.ts';

const round = (thrown: unknown): Error & { code?: unknown; data?: unknown } =>
  fromWireError(structuredClone(toWireError(thrown)));

describe('an error that crosses', () => {
  for (const Native of [Error, TypeError, RangeError, SyntaxError, ReferenceError, URIError, EvalError]) {
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

  it('is never made of a prototype', () => {
    for (const name of ['constructor', '__proto__', 'toString'])
      expect(fromWireError({ name, message: '' }))
        .to.be.instanceOf(Error)
        .and.have.property('name', name);
  });
});
