import {
  ask,
  attempt,
  type Case,
  describeValue,
  ended,
  type Kit,
  look,
  record,
} from '../outcome.ts';

/** An object, with its events. */
type Made = { xhr: XMLHttpRequest; log: string[] };

const SLOW = '/api/stream?chunks=2&size=100&ms=2000';

function make(Class: typeof XMLHttpRequest): Made {
  const xhr = new Class();
  return { xhr, log: record(xhr) };
}

function opened({ XMLHttpRequest: Class, origin }: Kit, path = '/api/echo'): Made {
  const made = make(Class);
  made.xhr.open('GET', origin + path);
  return made;
}

/** Calls `then` in the event that makes `made` come to that state. */
function at(made: Made, state: number, then: (made: Made) => unknown): Promise<unknown> {
  return new Promise((resolve) => {
    made.xhr.addEventListener('readystatechange', () => {
      if (made.xhr.readyState === state) resolve(then(made));
    });
    made.xhr.send();
  });
}

const afterEnd = async (made: Made, then: (made: Made) => unknown): Promise<unknown> => {
  const end = ended(made.xhr);
  made.xhr.send();
  await end;
  return then(made);
};

/** By state: calls `then` with an object that is in it. */
const states: [name: string, get: (kit: Kit, then: (made: Made) => unknown) => unknown][] = [
  ['unsent', ({ XMLHttpRequest: Class }, then) => then(make(Class))],
  ['opened', (kit, then) => then(opened(kit))],
  [
    'sent',
    (kit, then) => {
      const made = opened(kit, '/api/hang');
      made.xhr.send();
      return then(made);
    },
  ],
  ['at its headers', (kit, then) => at(opened(kit, SLOW), 2, then)],
  ['loading', (kit, then) => at(opened(kit, SLOW), 3, then)],
  [
    'done',
    (kit, then) => afterEnd(opened(kit, '/api/say?text=abc&header=content-type:text/plain'), then),
  ],
  ['failed', (kit, then) => afterEnd(opened(kit, '/api/reset'), then)],
  [
    'aborted',
    (kit, then) => {
      const made = opened(kit, '/api/hang');
      made.xhr.send();
      made.xhr.abort();
      return then(made);
    },
  ],
];

const methods: [name: string, call: (xhr: XMLHttpRequest, kit: Kit) => unknown][] = [
  ['open()', (xhr, { origin }) => xhr.open('GET', `${origin}/api/echo`)],
  ['open() of nonsense', (xhr) => xhr.open('a b', 'http://')],
  ['setRequestHeader()', (xhr) => xhr.setRequestHeader('x-a', 'b')],
  ['setRequestHeader() of nonsense', (xhr) => xhr.setRequestHeader('x a', 'b')],
  ['send()', (xhr) => xhr.send()],
  ['abort()', (xhr) => xhr.abort()],
  ['overrideMimeType()', (xhr) => xhr.overrideMimeType('text/plain')],
  ['getResponseHeader()', (xhr) => xhr.getResponseHeader('content-type')],
  ['getAllResponseHeaders()', (xhr) => xhr.getAllResponseHeaders() !== ''],
  ['responseType', (xhr) => set(xhr, 'responseType', 'blob')],
  ['an unknown responseType', (xhr) => set(xhr, 'responseType', 'nonsense')],
  ['timeout', (xhr) => set(xhr, 'timeout', 60_000)],
  ['withCredentials', (xhr) => set(xhr, 'withCredentials', true)],
];

function set(
  xhr: XMLHttpRequest,
  name: 'responseType' | 'timeout' | 'withCredentials',
  value: unknown,
) {
  Reflect.set(xhr, name, value);
  return xhr[name];
}

const stateCases = states.flatMap(([state, getThere]) =>
  methods.map(
    ([method, call]): Case => [
      `${method} of one that is ${state}`,
      (kit) =>
        getThere(kit, ({ xhr, log }) => {
          const result = attempt(() => describeValue(call(xhr, kit)));
          const shown = look(xhr);
          if (xhr.readyState > 0) xhr.abort();
          // What follows the listener is not of this state.
          return { result, shown, log: [...log] };
        }),
    ],
  ),
);

/** What a listener does at a moment, and what comes of it. */
const MOMENTS = [
  'loadstart',
  'readystatechange 2',
  'readystatechange 3',
  'readystatechange 4',
  'load',
  'loadend',
];
const DEEDS: [name: string, act: (xhr: XMLHttpRequest, kit: Kit) => void][] = [
  ['abort()', (xhr) => xhr.abort()],
  ['open()', (xhr, { origin }) => xhr.open('GET', `${origin}/api/echo`)],
  [
    'open() and send()',
    (xhr, { origin }) => {
      xhr.open('GET', `${origin}/api/say?text=second`);
      xhr.send();
    },
  ],
];

const momentCases = MOMENTS.flatMap((moment) =>
  DEEDS.map(
    ([deed, act]): Case => [
      `${deed} in a listener at ${moment}`,
      async (kit) => {
        const { XMLHttpRequest: Class, origin } = kit;
        const xhr = new Class();
        let isOver = (): void => {};
        const over = new Promise<void>((resolve) => {
          isOver = resolve;
        });
        let hasActed = false;
        const log: string[] = [];
        let timer: ReturnType<typeof setTimeout> | undefined;
        record(xhr, {
          log,
          onEvent(line) {
            if (!hasActed && line.startsWith(moment)) {
              hasActed = true;
              log.push(`${deed}:`);
              act(xhr, kit);
              log.push('.');
            }
            if (!hasActed) return;
            // What was sent has to end, however long that takes; what was only opened never does.
            const isUnderWay = deed === 'open() and send()' && xhr.readyState !== 4;
            clearTimeout(timer);
            timer = setTimeout(isOver, isUnderWay ? 10_000 : 500);
          },
        });
        xhr.open('GET', `${origin}/api/say?text=first-text&ms=100`);
        xhr.send();
        await over;
        return { log, readyState: xhr.readyState, text: xhr.responseText, status: xhr.status };
      },
    ],
  ),
);

const failures: [name: string, path: string][] = [
  ['a server that hangs up', '/api/reset'],
  ['a body that is cut off', '/api/cut?after=500'],
  ['a redirect without end', '/api/redirect?n=30'],
];

const failureCases = failures.flatMap(([what, path]) =>
  (['', 'arraybuffer', 'json', 'document', 'blob'] as const).map(
    (responseType): Case => [
      `fails by ${what} as ${responseType || 'the default'}`,
      async (kit) => {
        const before = (xhr: XMLHttpRequest): void => {
          xhr.responseType = responseType;
        };
        const { xhr, log } = await ask(kit, { method: 'POST', body: 'body', path, before });
        // How much comes before the end is the network's business.
        const kept = log.filter((line) => !/^(readystatechange [23]|progress)/.test(line));
        return { log: kept, ...look(xhr), headers: xhr.getAllResponseHeaders() };
      },
    ],
  ),
);

const prepared = (
  name: string,
  prepare: (xhr: XMLHttpRequest, later: () => void) => void,
  path = '/api/hang',
): Case => [
  name,
  async ({ XMLHttpRequest: Class, origin }) => {
    const { xhr, log } = make(Class);
    xhr.open('GET', origin + path);
    let later = (): void => {};
    prepare(xhr, () => later());
    const end = ended(xhr);
    xhr.send();
    later = () => {};
    await end;
    return { log, ...look(xhr) };
  },
];

const abortCases: Case[] = [
  prepared(
    'is sent after an abort() of what was only opened',
    (xhr) => xhr.abort(),
    '/api/say?text=sent',
  ),
];

const timeoutCases: Case[] = [
  prepared('times out while it waits for the head', (xhr) => {
    xhr.timeout = 500;
  }),
  prepared(
    'times out while the body comes',
    (xhr) => {
      xhr.timeout = 6_000;
    },
    '/api/stream?chunks=100&size=100&ms=200',
  ),
  prepared('heeds a timeout that is changed after send()', (xhr) => {
    xhr.timeout = 60_000;
    setTimeout(() => {
      xhr.timeout = 500;
    }, 50);
  }),
  prepared('times out at once where the time is over by then', (xhr) => {
    xhr.timeout = 60_000;
    setTimeout(() => {
      xhr.timeout = 1;
    }, 300);
  }),
  prepared(
    'does not time out where the timeout is taken back',
    (xhr) => {
      xhr.timeout = 3_000;
      setTimeout(() => {
        xhr.timeout = 0;
      }, 50);
    },
    '/api/slow?ms=4000',
  ),
  prepared(
    'does not time out in time',
    (xhr) => {
      xhr.timeout = 15_000;
    },
    '/api/say?text=a',
  ),
];

export const stateTable: Case[] = [...stateCases];
export const eventCases: Case[] = [...momentCases, ...failureCases, ...abortCases, ...timeoutCases];
