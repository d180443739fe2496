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
