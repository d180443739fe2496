import { expect } from '@esm-bundle/chai';
import fc from 'fast-check';
import { EventStreamParser } from '../../src/frame/streams/event-stream.ts';

/** What is told of a stream that comes in `pieces`, after a connection whose last id was `lastEventId`. */
function parse(pieces: string[], lastEventId = ''): unknown[] {
  const told: unknown[] = [];
  const parser = new EventStreamParser(
    {
      onEvent: (event) => told.push(event),
      onId: (id) => told.push({ id }),
      onRetry: (retry) => told.push({ retry }),
    },
    lastEventId,
  );
  for (const piece of pieces) parser.push(piece);
  return told;
}

describe('the event stream parser', () => {
  it('tells the same whatever the pieces', () => {
    const part = fc.constantFrom(
      '\r',
      '\n',
      '\r\n',
      ':',
      ' ',
      'data',
      'event',
      'id',
      'retry',
      '7',
      'ü',
      '\0',
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const whole = parts.join('');
        expect(parse([...whole])).to.deep.equal(parse([whole]));
        expect(parse(parts)).to.deep.equal(parse([whole]));
      }),
    );
  });

  it('tells the same whatever the ends of lines', () => {
    const line = fc.constantFrom(
      '',
      'data',
      'data: 1',
      'data:2',
      'event: a',
      'id: 3',
      'id',
      'retry: 4',
      ':',
      'x: y',
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const [lf, ...others] = ['\n', '\r', '\r\n'].map((end) =>
          parse(lines.map((line) => line + end)),
        );
        for (const other of others) expect(other).to.deep.equal(lf);
      }),
    );
  });

  it('starts from the id of the connection before', () => {
    expect(parse(['data: 1\n\n'], '41')).to.deep.equal([
      { type: 'message', data: '1', lastEventId: '41' },
    ]);
  });

  it('takes digits alone for a retry', () => {
    const body =
      'retry: 10\nretry:20\nretry\nretry: x\nretry: 1.5\nretry: -1\nretry: 0x9\nretry: 1e3\n';
    expect(parse([body])).to.deep.equal([{ retry: 10 }, { retry: 20 }]);
  });

  it('does not take long for a long line in many pieces', () => {
    const pieces = ['data: ', ...Array<string>(20_000).fill('x'.repeat(100)), '\n\n'];
    const [event] = parse(pieces) as [{ data: string }];
    expect(event.data.length).to.equal(2_000_000);
  });
});
