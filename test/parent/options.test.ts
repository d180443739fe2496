import { expect } from '@esm-bundle/chai';
import { type ConnectOptions, connect, HadokenError } from '../../src/parent/index.ts';
import { createLog } from '../../src/parent/log.ts';
import { readOptions } from '../../src/parent/options.ts';
import { reportedBy } from '../support/reported.ts';

const NUMBERS = [
  'timeout',
  'reconnectionAttempts',
  'reconnectionDelay',
  'reconnectionDelayMax',
  'heartbeat',
] as const;
const NONSENSE: unknown[] = [
  -1,
  Number.NaN,
  -Infinity,
  '10s',
  '10',
  null,
  true,
  {},
  [5],
  5n,
  () => 5,
];

/** What `connect()` throws for `options`. */
function thrownFor(options: unknown): HadokenError {
  try {
    connect('https://push.example.com/frame.html', options as ConnectOptions);
  } catch (error) {
    return error as HadokenError;
  }
  throw new Error('connect() took it');
}

describe('the options of connect()', () => {
  const before = hiddenFrames().length;

  for (const name of NUMBERS)
    it(`refuse what is no number for ${name}, and make no frame`, () => {
      for (const value of NONSENSE) {
        const error = thrownFor({ [name]: value });
        expect(error, String(value)).to.be.instanceOf(HadokenError);
        expect(error.code).to.equal('INVALID_ARGUMENT');
        expect(error.message).to.contain(`connect(): ${name} can't be ${String(value)}`);
      }
      expect(hiddenFrames()).to.have.length(before);
    });

  it('refuse a timeout and a heartbeat of no time', () => {
    for (const name of ['timeout', 'heartbeat'])
      for (const value of [0, 0.5])
        expect(thrownFor({ [name]: value }).message).to.contain(`${name} can't be ${value}`);
  });

  it('refuse a level that there is none of, and what can be no logger', () => {
    for (const log of ['verbose', 'WARN', '', 3, null, true])
      expect(thrownFor({ log })).to.include({ code: 'INVALID_ARGUMENT' });
  });

  it('take the least of each, and every level', () => {
    const none = { reconnectionAttempts: 0, reconnectionDelay: 0, reconnectionDelayMax: 0 };
    expect(readOptions({ timeout: 1, heartbeat: 1, ...none })).to.include({ timeout: 1, ...none });
    for (const log of ['silent', 'error', 'warn', 'info', 'debug', console] as const)
      expect(readOptions({ log }).log).to.equal(log);
  });

  it('have defaults, for what is undefined too', () => {
    const defaults = {
      timeout: 10_000,
      reconnectionDelay: 500,
      reconnectionDelayMax: 30_000,
      heartbeat: 25_000,
      log: 'warn',
    };
    expect(readOptions({})).to.include(defaults);
    const names = [...NUMBERS, 'log'].map((name) => [name, undefined]);
    expect(readOptions(Object.fromEntries(names))).to.include(defaults);
  });

  it('cut a wait to what timers can count, so that Infinity is not none at all', () => {
    for (const name of NUMBERS) expect(readOptions({ [name]: Infinity })[name]).to.equal(1e9);
  });
});

describe('the log', () => {
  it('reports a logger that throws, or lacks a level, and goes on', async () => {
    const broken = {
      warn() {
        throw new Error('the logger threw');
      },
    };
    const log = createLog(broken as unknown as Console);
    const reported = await reportedBy(() => {
      log('warn', 'one');
      log('info', 'two');
    });
    expect(reported.map(String)).to.have.length(2);
    expect(String(reported[0])).to.contain('the logger threw');
  });
});
