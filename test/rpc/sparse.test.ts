import { expect } from '@esm-bundle/chai';
import { readWireRequest } from '../../src/ajax/request.ts';
import { readCall } from '../../src/rpc/guard.ts';
import { isStrings } from '../../src/rpc/is-count.ts';
import { readPushCommand } from '../../src/rpc/wire/push-commands.ts';
import { readPushEvent } from '../../src/rpc/wire/push-event.ts';
import { readSignals } from '../../src/rpc/wire/service.ts';

/** In a test that goes through it, the time is up. */
const holes: unknown[] = new Array(2 ** 32 - 1);
const request = { url: '/', method: 'POST', headers: [], init: {} };

describe('a list of holes, which is a few bytes on the wire', () => {
  const readers: Record<string, () => unknown> = {
    'a list of texts': () => isStrings(holes) || undefined,
    'the arguments of a call': () => {
      const call = { id: '1', type: 'APPLY', path: ['ping'], argumentList: holes };
      return readCall(call, new Map([['ping', () => true]]));
    },
    'the places of signals': () => {
      const { port1 } = new MessageChannel();
      return readSignals({ positions: holes, port: port1 }, []);
    },
    'the bytes of a packet': () => {
      const packet = { type: 2, nsp: '/', text: '["a"]', binary: holes };
      return readPushCommand({ type: 'packet', manager: 0, connection: 0, packet });
    },
    'the headers of a request': () => readWireRequest({ ...request, headers: holes }),
    'the body of a request': () => readWireRequest({ ...request, body: holes }),
  };
  for (const [what, read] of Object.entries(readers))
    it(`is not gone through as ${what}, and is none`, () => {
      expect(read()).to.equal(undefined);
    });

  for (const type of [2, 3])
    it(`is not gone through as the data of a packet of type ${type}`, () => {
      const data: unknown[] = new Array(2 ** 32 - 1);
      data[0] = 'a';
      const args = [{ type, nsp: '/', id: 1, data }];
      const event = { type: 'event', manager: 0, name: 'packet', args };
      expect(() => readPushEvent(event)).to.throw(TypeError);
    });

  for (const length of [5, 1_000, 2 ** 32 - 1])
    it(`is not gone through as the arguments of a push event: ${length}`, () => {
      const args = new Array(length);
      args[0] = 'transport close';
      const event = { type: 'event', manager: 0, name: 'close', args };
      expect(readPushEvent(event).args).to.have.length(4).and.include('transport close');
    });
});

describe('the offset of an event that the page does not hear', () => {
  const packet = (data: unknown): object => {
    const args = [{ type: 7, nsp: '/', data }];
    return { type: 'event', manager: 0, name: 'packet', args };
  };
  for (const data of ['17-4', '', undefined])
    it(`may be a text, or none: ${data}`, () => {
      expect(readPushEvent(packet(data)).args).to.deep.equal([{ type: 7, nsp: '/', data }]);
    });
  for (const data of [7, true, ['17-4'], { offset: '17-4' }])
    it(`is nothing else: ${JSON.stringify(data)}`, () => {
      expect(() => readPushEvent(packet(data))).to.throw(TypeError);
    });
});
