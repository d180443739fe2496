import { expect } from '@esm-bundle/chai';
import { readPushEvent } from '../../src/rpc/wire/push-event.ts';

describe('a list of holes, which is a few bytes on the wire', () => {
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
