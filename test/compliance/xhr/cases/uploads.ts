import { ask, type Case, ended, type Kit, type Log, record } from '../outcome.ts';

const withoutParts = (log: Log): Log => log.filter((line) => !/^upload progress/.test(line));

const bodies: [name: string, make: () => unknown][] = [
  ['text', () => 'grün'],
  ['an empty text', () => ''],
  ['null', () => null],
  ['a Blob', () => new Blob(['x'.repeat(1_000)])],
  ['an empty Blob', () => new Blob([])],
  ['a buffer', () => new ArrayBuffer(100_000)],
  ['parameters', () => new URLSearchParams({ a: 'ü' })],
];

const TYPES = ['loadstart', 'progress', 'load', 'loadend', 'readystatechange'];

export const uploadCases: Case[] = [
  ...bodies.flatMap(([what, make]) =>
    ['POST', 'GET'].map(
      (method): Case => [
        `tells of the upload of ${what} by ${method}`,
        async (kit) =>
          (await ask(kit, { method, path: '/api/upload', body: make(), upload: true })).log,
      ],
    ),
  ),
  [
    'tells how far a large upload is, and ends at all of it',
    async (kit) => {
      const told: number[] = [];
      const totals = new Set<number>();
      const { xhr } = await ask(kit, {
        method: 'PUT',
        path: '/api/upload',
        body: new Blob([new Uint8Array(3_000_000)]),
        before(each) {
          each.upload.onprogress = ({ loaded, total }) => {
            told.push(loaded);
            totals.add(total);
          };
        },
      });
      const isRising = told.every((loaded, at) => at === 0 || loaded > (told[at - 1] as number));
      return [JSON.parse(xhr.responseText).bytes, isRising, told.at(-1), [...totals]];
    },
  ],
  [
    'tells of the upload of a form',
    async (kit) => {
      const form = new FormData();
      form.append('näme"', 'välue\n');
      form.append('file', new File(['content'], 'ä".txt', { type: 'text/x' }));
      form.append('blob', new Blob(['blob']));
      const { log } = await ask(kit, {
        method: 'POST',
        path: '/api/upload',
        body: form,
        upload: true,
      });
      // A boundary's length is the engine's business.
      return log.map((line) =>
        line.replace(/(\d+)\/(\d+)/, (_, a, b) => `${a === b} ${a === '0'}`),
      );
    },
  ],
  [
    'tells who listens only after send()',
    async ({ XMLHttpRequest: Class, origin }) => {
      const xhr = new Class();
      const log: string[] = [];
      xhr.open('POST', `${origin}/api/upload`);
      const end = ended(xhr);
      const { upload } = xhr;
      xhr.send('body');
      for (const type of TYPES) upload.addEventListener(type, () => log.push(type));
      await end;
      return log;
    },
  ],
  [
    'tells handlers and listeners in the order in which they were set',
    async ({ XMLHttpRequest: Class, origin }) => {
      const xhr = new Class();
      const log: string[] = [];
      xhr.upload.addEventListener('load', () => log.push('first'));
      xhr.upload.onload = () => log.push('handler');
      xhr.upload.addEventListener('load', { handleEvent: () => log.push('object') });
      xhr.onload = function (this: unknown) {
        log.push(`load ${this === xhr}`);
      };
      xhr.addEventListener('load', () => log.push('load listener'));
      xhr.onload = () => log.push('load again');
      xhr.open('POST', `${origin}/api/upload`);
      const end = ended(xhr);
      xhr.send('body');
      await end;
      return log;
    },
  ],
  [
    'tells of an abort while it waits',
    async ({ XMLHttpRequest: Class, origin }) => {
      const xhr = new Class();
      const log = record(xhr, { upload: true });
      xhr.open('POST', `${origin}/api/hang`);
      xhr.send('body');
      xhr.abort();
      return [log, xhr.readyState];
    },
  ],
  [
    'ends by an abort() in the upload’s loadstart',
    async ({ XMLHttpRequest: Class, origin }) => {
      const xhr = new Class();
      const log = record(xhr, { upload: true });
      xhr.upload.onloadstart = () => xhr.abort();
      xhr.open('POST', `${origin}/api/upload`);
      xhr.send('body');
      return [log, xhr.readyState];
    },
  ],
  [
    'tells of a timeout while it waits',
    async (kit) => {
      const { log, xhr } = await ask(kit, {
        method: 'POST',
        path: '/api/hang',
        body: 'body',
        upload: true,
        before: (each) => {
          each.timeout = 6_000;
        },
      });
      return [withoutParts(log), xhr.readyState];
    },
  ],
  [
    'is the same object each time, of the platform’s class',
    ({ XMLHttpRequest: Class }: Kit) => {
      const xhr = new Class();
      return [
        xhr.upload === Reflect.get(xhr, 'upload'),
        String(xhr.upload),
        Object.keys(xhr.upload).length,
      ];
    },
  ],
];
