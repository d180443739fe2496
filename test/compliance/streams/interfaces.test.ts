import { expect } from '@esm-bundle/chai';
import { closeSides, SIDES, sseUrl, streamsOf, thrown, wsUrl } from '../../support/streams.ts';

/** What WebIDL says of both interfaces. An operation has the count of its arguments that can't be left out. */
const INTERFACES = {
  EventSource: {
    constants: ['CONNECTING', 'OPEN', 'CLOSED'],
    readonly: ['url', 'withCredentials', 'readyState'],
    writable: [],
    handlers: ['onopen', 'onmessage', 'onerror'],
    operations: { close: 0 },
  },
  WebSocket: {
    constants: ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'],
    readonly: ['url', 'readyState', 'bufferedAmount', 'extensions', 'protocol'],
    writable: ['binaryType'],
    handlers: ['onopen', 'onmessage', 'onerror', 'onclose'],
    operations: { close: 0, send: 1 },
  },
} as const;

type Stream = EventSource | WebSocket;
type Members = Record<string, unknown>;

for (const side of SIDES)
  for (const name of ['EventSource', 'WebSocket'] as const) {
    const { constants, readonly, writable, handlers, operations } = INTERFACES[name];

    describe(`the interface of ${name} (${side})`, () => {
      let Class: typeof EventSource | typeof WebSocket;
      let stream: Stream;
      before(() => {
        Class = streamsOf(side)[name];
      });
      beforeEach(() => {
        stream = new Class(name === 'WebSocket' ? wsUrl('echo') : sseUrl());
      });
      afterEach(() => stream.close());
      after(closeSides);

      const describeMember = (owner: object, key: PropertyKey): PropertyDescriptor =>
        Object.getOwnPropertyDescriptor(owner, key) as PropertyDescriptor;

      it('is a class with a name, a length and the constants, and with nothing else', () => {
        const keys = Reflect.ownKeys(Class).map(String).sort();
        expect(keys).to.deep.equal(['length', 'name', 'prototype', ...constants].sort());
        const hidden = { writable: false, enumerable: false, configurable: true };
        expect(describeMember(Class, 'name')).to.deep.equal({ value: name, ...hidden });
        expect(describeMember(Class, 'length')).to.deep.equal({ value: 1, ...hidden });
        const prototype = { writable: false, enumerable: false, configurable: false };
        expect(describeMember(Class, 'prototype')).to.include(prototype);
      });

      it('extends EventTarget, the class and its prototype', () => {
        expect(Object.getPrototypeOf(Class)).to.equal(EventTarget);
        expect(Object.getPrototypeOf(Class.prototype)).to.equal(EventTarget.prototype);
        expect(stream).to.be.instanceOf(Class).and.instanceOf(EventTarget);
        expect(Object.getPrototypeOf(stream)).to.equal(Class.prototype);
        expect(Reflect.ownKeys(stream)).to.deep.equal([]);
      });

      it('has all members on its prototype, and nothing else', () => {
        const members = [
          ...constants,
          ...readonly,
          ...writable,
          ...handlers,
          ...Object.keys(operations),
        ];
        const keys = Reflect.ownKeys(Class.prototype).map(String).sort();
        expect(keys).to.deep.equal(
          [...members, 'constructor', 'Symbol(Symbol.toStringTag)'].sort(),
        );
        // Only what is enumerable, as agents and tools go through the members.
        const own = Object.keys(Class.prototype).sort();
        expect(own).to.deep.equal(members.sort());
      });

      it('counts its constants from 0, on the class and on its prototype, and never changes them', () => {
        for (const owner of [Class, Class.prototype])
          for (const [value, constant] of constants.entries())
            expect(describeMember(owner, constant), constant).to.deep.equal({
              value,
              writable: false,
              enumerable: true,
              configurable: false,
            });
      });

      it('has attributes that are accessors, named as WebIDL names them', () => {
        for (const key of [...readonly, ...writable, ...handlers]) {
          const { get, set, enumerable, configurable } = describeMember(Class.prototype, key);
          expect([get?.name, get?.length, enumerable, configurable], key).to.deep.equal([
            `get ${key}`,
            0,
            true,
            true,
          ]);
          const isReadonly = (readonly as readonly string[]).includes(key);
          expect([set?.name, set?.length], key).to.deep.equal(
            isReadonly ? [undefined, undefined] : [`set ${key}`, 1],
          );
        }
      });

      it('has operations with the names and lengths that WebIDL gives them', () => {
        for (const [key, length] of Object.entries(operations)) {
          const { value, ...rest } = describeMember(Class.prototype, key);
          expect([value.name, value.length], key).to.deep.equal([key, length]);
          expect(rest, key).to.deep.equal({ writable: true, enumerable: true, configurable: true });
        }
      });

      it('has a tag and a constructor that nobody sees in a loop', () => {
        expect(describeMember(Class.prototype, Symbol.toStringTag)).to.deep.equal({
          value: name,
          writable: false,
          enumerable: false,
          configurable: true,
        });
        expect(describeMember(Class.prototype, 'constructor')).to.deep.equal({
          value: Class,
          writable: true,
          enumerable: false,
          configurable: true,
        });
        expect(String(stream)).to.equal(`[object ${name}]`);
      });

      it('throws a TypeError where this is no such object', () => {
        for (const other of [{}, Class.prototype, new EventTarget(), Object.create(stream)]) {
          for (const key of [...readonly, ...writable, ...handlers]) {
            const { get, set } = describeMember(Class.prototype, key);
            expect(
              thrown(() => get?.call(other)),
              `get ${key}`,
            ).to.be.instanceOf(TypeError);
            if (set)
              expect(
                thrown(() => set.call(other, null)),
                `set ${key}`,
              ).to.be.instanceOf(TypeError);
          }
          for (const key of Object.keys(operations)) {
            const { value } = describeMember(Class.prototype, key);
            expect(
              thrown(() => value.call(other, '')),
              key,
            ).to.be.instanceOf(TypeError);
          }
        }
      });

      it('is not to be called, and wants a URL that can be a string', () => {
        const Any = Class as unknown as {
          new (...args: unknown[]): Stream;
          (...args: unknown[]): void;
        };
        const url = name === 'WebSocket' ? wsUrl('echo') : sseUrl();
        expect(thrown(() => Any(url))).to.be.instanceOf(TypeError);
        expect(thrown(() => new Any())).to.be.instanceOf(TypeError);
        expect(thrown(() => new Any(Symbol('url')))).to.be.instanceOf(TypeError);
        expect(thrown(() => new Any(Object.create(null)))).to.be.instanceOf(TypeError);
        const own = new RangeError('of the page');
        const hostile = {
          toString() {
            throw own;
          },
        };
        expect(thrown(() => new Any(hostile))).to.equal(own);
        // What can be a string is one.
        const made = new Any({ toString: () => url });
        expect(made.url).to.equal(url);
        made.close();
      });

      it('can be extended by another class, and by Reflect.construct', () => {
        class Extended extends (Class as typeof WebSocket) {
          extra = 1;
        }
        const url = name === 'WebSocket' ? wsUrl('echo') : sseUrl();
        const extended = new Extended(url);
        expect(extended).to.be.instanceOf(Extended).and.instanceOf(Class);
        expect([extended.extra, extended.url, Extended.CLOSED]).to.deep.equal([
          1,
          url,
          Class.CLOSED,
        ]);
        extended.close();
        const made = Reflect.construct(Class, [url], Extended);
        expect(made).to.be.instanceOf(Extended);
        made.close();
      });

      for (const key of handlers) {
        const type = key.slice(2);
        const members = (): Members => stream as unknown as Members;
        const dispatch = (): Event => {
          const event = new Event(type, { cancelable: true });
          stream.dispatchEvent(event);
          return event;
        };

        it(`takes any object as ${key}, and anything else as null`, () => {
          expect(members()[key]).to.equal(null);
          for (const handler of [() => {}, {}, [], new Map(), class {}, Object.create(null)]) {
            members()[key] = handler;
            expect(members()[key]).to.equal(handler);
            members()[key] = handler;
            expect(members()[key]).to.equal(handler);
          }
          for (const value of [undefined, 7, 'text', true, 7n, Symbol('s'), null]) {
            members()[key] = () => {};
            members()[key] = value;
            expect(members()[key], String(value)).to.equal(null);
            dispatch();
          }
        });

        it(`calls ${key} with its event, in the place where it was first set`, () => {
          const calls: unknown[] = [];
          members()[key] = () => calls.push('old');
          stream.addEventListener(type, () => calls.push('listener'));
          members()[key] = function (this: unknown, event: Event, ...rest: unknown[]) {
            calls.push([this, event.type, rest.length]);
          };
          dispatch();
          members()[key] = 'no object';
          dispatch();
          members()[key] = () => calls.push('again');
          dispatch();
          const first = [stream, type, 0];
          expect(calls).to.deep.equal([first, 'listener', 'listener', 'listener', 'again']);
        });

        it(`calls ${key} that has lost its prototype, and no object that can't be called`, () => {
          let calls = 0;
          members()[key] = Object.setPrototypeOf(() => {
            calls += 1;
          }, null);
          dispatch();
          members()[key] = { handleEvent: () => (calls += 1), call: () => (calls += 1) };
          dispatch();
          expect(calls).to.equal(1);
        });

        it(`prevents the default where ${key} returns false, and for nothing else`, () => {
          for (const [value, isPrevented] of [
            [false, true],
            [0, false],
            ['', false],
            [null, false],
            [true, false],
          ] as const) {
            members()[key] = () => value;
            expect(dispatch().defaultPrevented, String(value)).to.equal(isPrevented);
          }
        });
      }
    });
  }
