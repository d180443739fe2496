import { env, type TestEnv } from '../../support/env.ts';

type Engine = TestEnv['engine'];
/** What a case comes to with ours, by what it comes to with theirs. */
type Difference = [
  engines: Engine[],
  part: string,
  name: RegExp,
  toOurs: (theirs: never) => unknown,
];
type Outcome = { log: string[]; shown: Record<string, unknown>; type: unknown; response: unknown };

const withShown = (own: Record<string, unknown>) => (theirs: Outcome) => ({
  ...theirs,
  shown: { ...theirs.shown, ...own },
});
const always = (ours: unknown) => () => ours;
const replaced = (from: string | RegExp, to: string) => (theirs: unknown) =>
  JSON.parse(JSON.stringify(theirs).replaceAll(from, to));

const ABORTED = /^abort\(\) of one that is (at its headers|loading|done)/;
const emptyUpload = [
  'readystatechange 1',
  'loadstart 1 0/0 false',
  'upload loadstart 1 0/0 false',
  'upload progress 1',
  'upload load 1 0/0 false',
  'upload loadend 1 0/0 false',
];

/** The differences that docs/drop-in.md lists, in its order. */
const differences: Difference[] = [
  // A request that a listener has ended at its headers goes on in Chromium and WebKit, and its text goes before the next's.
  [
    ['chromium', 'webkit'],
    'events',
    /^open\(\) in a listener at readystatechange 2/,
    (theirs: Outcome) => ({
      ...theirs,
      log: theirs.log.filter((line) => !/^(readystatechange 3|progress)/.test(line)),
      readyState: 1,
      text: '',
    }),
  ],
  [
    ['chromium', 'webkit'],
    'events',
    /^open\(\) and send\(\) in a listener at readystatechange 2/,
    (theirs: Outcome) => ({
      ...theirs,
      log: [
        ...theirs.log.slice(0, theirs.log.indexOf('.') + 1),
        ...['readystatechange 2', 'readystatechange 3', 'progress', 'readystatechange 4'],
        ...['load 4 6/6 true', 'loadend 4 6/6 true'],
      ],
      text: 'second',
    }),
  ],
  // An abort() before send() ends what is sent after it in Firefox: by the standard it changes nothing.
  [
    ['firefox'],
    'events',
    /^is sent after an abort\(\) of what was only opened/,
    (theirs: Outcome) => ({
      ...theirs,
      log: [
        ...['readystatechange 1', 'loadstart 1 0/0 false', 'readystatechange 2'],
        ...['readystatechange 3', 'progress', 'readystatechange 4'],
        ...['load 4 4/4 true', 'loadend 4 4/4 true'],
      ],
      readyState: 4,
      response: 'sent',
      responseText: 'sent',
      responseURL: `${env.push}/api/say?text=sent`,
      status: 200,
      statusText: 'OK',
    }),
  ],
  // Chromium tells of no end where a listener has ended the request at state 4. The sizes are none in Firefox, and at times in WebKit.
  [
    ['chromium', 'firefox', 'webkit'],
    'events',
    /in a listener at readystatechange 4/,
    (theirs: Outcome) => {
      const at = theirs.log.indexOf('.') + 1;
      const rest = theirs.log.slice(at).filter((line) => !/^load(end)? [01] /.test(line));
      const state = theirs.log.some((line) => line.startsWith('abort')) ? 0 : 1;
      const end = [`load ${state} 10/0 false`, `loadend ${state} 10/0 false`];
      return { ...theirs, log: [...theirs.log.slice(0, at), ...end, ...rest] };
    },
  ],
  // Firefox keeps what it knows of an answer that has failed, and WebKit the URL of one that was aborted.
  [['firefox'], 'states', /of one that is failed$/, withShown({ responseURL: '' })],
  [['firefox'], 'states', ABORTED, withShown({ type: null })],
  [['webkit'], 'states', ABORTED, withShown({ responseURL: '' })],
  [
    ['firefox'],
    'events',
    /^(fails|times out|heeds)/,
    (theirs: Outcome) => ({
      ...theirs,
      responseURL: '',
      type: null,
      response: theirs.response === 'ArrayBuffer ' ? null : theirs.response,
    }),
  ],
  // Firefox tells of the progress of what has no body.
  [
    ['firefox'],
    'answers',
    /reads (an empty body|empty XML) as|shows status (204|205|304)|answer to HEAD/,
    (theirs: Outcome) => ({
      ...theirs,
      log: theirs.log.filter((line) => line !== 'progress'),
    }),
  ],
  // Firefox counts the compressed bytes.
  [['firefox'], 'answers', /compressed/, replaced('50/50 true', '5000/0 false')],
  // DOMParser makes documents in UTF-8.
  [['firefox'], 'answers', /XML that says its charset/, replaced('windows-1252', 'UTF-8')],
  // Chromium leaves the parameters of a Blob's type out, and parses JSON anew each time.
  [['chromium'], 'answers', /by TEXT\/HTML; a=b as blob/, replaced('text/html', 'text/html;a=b')],
  [['chromium'], 'answers', /the same object each time/, always([true, true, true, true, true])],
  // Where the page's own Content-Type names a charset, ours and Chromium write UTF-8 in its place; the others write the type anew.
  [
    ['firefox', 'webkit'],
    'requests',
    /sends (text|an XML document|parameters) as TEXT/,
    replaced(
      /(TEXT\/x-a ; charset=UTF-8; |text\/x-a;charset=UTF-8;)/g,
      'TEXT/x-a ; charset=\\"UTF-8\\"; ',
    ),
  ],
  [
    ['chromium'],
    'requests',
    /as text\/plain; charset=utf-8; a=b/,
    replaced('charset=UTF-8', 'charset=utf-8'),
  ],
  // Only the engine knows a form's boundary: its size is told with the first progress.
  [
    ['chromium', 'firefox', 'webkit'],
    'uploads',
    /upload of a form/,
    replaced('upload loadstart 1 false true true', 'upload loadstart 1 true true false'),
  ],
  // WebKit sends a Content-Type without a body, and takes no User-Agent.
  [
    ['webkit'],
    'requests',
    /sends parameters by GET/,
    (theirs: { headers: string[] }) => ({
      ...theirs,
      headers: theirs.headers.filter((header) => !header.startsWith('content-type')),
    }),
  ],
  [['webkit'], 'uploads', /parameters by GET/, replaced('144/144', '99/99')],
  [['webkit'], 'requests', /the header user-agent/, always(true)],
  // No two engines tell the same of an upload of nothing.
  [
    ['chromium', 'firefox', 'webkit'],
    'uploads',
    /upload of an empty .* by POST/,
    (theirs: string[]) => [...emptyUpload, ...theirs.slice(theirs.indexOf('readystatechange 2'))],
  ],
  // In Firefox an upload has not left before its answer comes; in WebKit it tells nobody who comes late.
  [
    ['firefox'],
    'uploads',
    /of a timeout while it waits/,
    ([log, state]: [string[], number]) => [
      [
        ...log.slice(0, log.indexOf('readystatechange 4')),
        ...['upload load 1 4/4 true', 'upload loadend 1 4/4 true'],
        ...log
          .slice(log.indexOf('readystatechange 4'))
          .filter((line) => !line.startsWith('upload')),
      ],
      state,
    ],
  ],
  [['firefox', 'webkit'], 'uploads', /only after send/, always(['progress', 'load', 'loadend'])],
  [
    ['webkit'],
    'objects',
    /with the object as this/,
    replaced('XMLHttpRequestProgressEvent', 'ProgressEvent'),
  ],
];

/** What a case has to come to with ours. */
export function expected(part: string, name: string, theirs: unknown): unknown {
  const found = differences.find(
    ([engines, inPart, pattern]) =>
      engines.includes(env.engine) && inPart === part && pattern.test(name),
  );
  return found ? found[3](theirs as never) : theirs;
}
