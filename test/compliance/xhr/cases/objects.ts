import { ask, attempt, type Case, ended, type Kit, look, record } from '../outcome.ts';

const SAY = '/api/say?text=said';

async function askBy(
  Class: typeof XMLHttpRequest,
  { origin }: Kit,
  path = SAY,
): Promise<XMLHttpRequest> {
  return (await ask({ XMLHttpRequest: Class, origin }, { path })).xhr;
}

/** Puts `patch` around members of the prototype, and takes it away after `work`. */
async function patched(
  { prototype }: typeof XMLHttpRequest,
  names: ('open' | 'send' | 'abort' | 'setRequestHeader' | 'getResponseHeader')[],
  log: string[],
  work: () => Promise<unknown>,
): Promise<unknown> {
  const undo = names.map((name) => {
    const own = Object.getOwnPropertyDescriptor(prototype, name);
    const original = prototype[name];
    const patch = function (this: XMLHttpRequest, ...args: unknown[]): unknown {
      log.push(`${name} ${String(args[0]).replace(/^https?:.*?\/api/, '')} ${this.readyState}`);
      const result = Reflect.apply(original, this, args);
      log.push(`${name} done ${this.readyState}`);
      return result;
    };
    Object.defineProperty(prototype, name, { value: patch, configurable: true, writable: true });
    return () => {
      if (own) Object.defineProperty(prototype, name, own);
      else Reflect.deleteProperty(prototype, name);
    };
  });
  try {
    return await work();
  } finally {
    for (const each of undo) each();
  }
}

export const objectCases: Case[] = [
  ['shows what a new one shows', ({ XMLHttpRequest: Class }) => look(new Class())],
  [
    'has the constants, on the class and on objects',
    ({ XMLHttpRequest: Class }) => {
      const names = ['UNSENT', 'OPENED', 'HEADERS_RECEIVED', 'LOADING', 'DONE'] as const;
      const xhr = new Class();
      return names.map((name) => [Class[name], xhr[name]]);
    },
  ],
  [
    'looks like the platform’s',
    ({ XMLHttpRequest: Class }) => {
      const xhr = new Class();
      const enumerated: string[] = [];
      for (const name in xhr) enumerated.push(name);
      return [
        Class.name,
        Class.length,
        String(xhr),
        Object.keys(xhr),
        enumerated.sort().join(' '),
        xhr instanceof Class,
        xhr instanceof XMLHttpRequestEventTarget,
        xhr.constructor === Class,
        attempt(() => Reflect.apply(Class as never, undefined, [])),
      ];
    },
  ],
  [
    'has attributes and methods on its prototype, of the platform’s kind',
    ({ XMLHttpRequest: Class }) => {
      const names = [
        'open',
        'send',
        'abort',
        'setRequestHeader',
        'getResponseHeader',
        'getAllResponseHeaders',
        'overrideMimeType',
        'readyState',
        'status',
        'statusText',
        'response',
        'responseText',
        'responseXML',
        'responseURL',
        'responseType',
        'timeout',
        'withCredentials',
        'upload',
        'onreadystatechange',
      ];
      return names.map((name) => {
        const own = Object.getOwnPropertyDescriptor(Class.prototype, name);
        return [
          name,
          typeof own?.get,
          typeof own?.set,
          typeof own?.value,
          own?.enumerable,
          own?.configurable,
        ];
      });
    },
  ],
  [
    'is reused, after answers of all kinds',
    async ({ XMLHttpRequest: Class, origin }) => {
      const xhr = new Class();
      const log = record(xhr);
      const shown: unknown[] = [];
      for (const path of [SAY, '/api/status/404', '/api/status/204', SAY]) {
        xhr.open('GET', origin + path);
        shown.push(xhr.status, xhr.responseText, xhr.responseURL, xhr.getAllResponseHeaders());
        const end = ended(xhr);
        xhr.send();
        await end;
        shown.push(xhr.status, xhr.responseText);
      }
      return [log.map((line) => line.replace(/\d+\/\d+.*/, '')), shown];
    },
  ],
  [
    'is reused after a timeout and an abort',
    async ({ XMLHttpRequest: Class, origin }) => {
      const xhr = new Class();
      const log = record(xhr);
      xhr.timeout = 500;
      xhr.open('GET', `${origin}/api/hang`);
      const late = ended(xhr);
      xhr.send();
      await late;
      xhr.timeout = 15_000;
      xhr.open('GET', `${origin}/api/hang`);
      xhr.send();
      xhr.abort();
      xhr.open('GET', origin + SAY);
      const end = ended(xhr);
      xhr.send();
      await end;
      return [log, xhr.responseText];
    },
  ],
  [
    'open() during a request ends that without a word',
    async ({ XMLHttpRequest: Class, origin }) => {
      const xhr = new Class();
      const log = record(xhr);
      xhr.open('GET', `${origin}/api/slow?ms=300`);
      xhr.send();
      xhr.open('GET', origin + SAY);
      const end = ended(xhr);
      xhr.send();
      await end;
      await new Promise((resolve) => setTimeout(resolve, 500));
      return [log, xhr.responseText];
    },
  ],
  [
    'open() that throws leaves a request alone',
    async ({ XMLHttpRequest: Class, origin }) => {
      const xhr = new Class();
      const log = record(xhr);
      xhr.open('GET', origin + SAY);
      const end = ended(xhr);
      xhr.send();
      const error = attempt(() => xhr.open('GET', 'http://['));
      const other = attempt(() => xhr.open('TRACK', origin));
      await end;
      return [error, other, log, xhr.responseText];
    },
  ],
  [
    'keeps responseType, timeout and the overridden type over open()',
    async ({ XMLHttpRequest: Class, origin }) => {
      const xhr = new Class();
      xhr.overrideMimeType('text/xml');
      xhr.responseType = 'document';
      xhr.timeout = 15_000;
      xhr.withCredentials = true;
      for (const text of ['<a/>', '<b/>']) {
        xhr.open('GET', `${origin}/api/say?text=${text}`);
        const end = ended(xhr);
        xhr.send();
        await end;
      }
      return look(xhr);
    },
  ],
  [
    'calls listeners with the object as this and as target',
    async ({ XMLHttpRequest: Class, origin }) => {
      const xhr = new Class();
      const found: unknown[] = [];
      xhr.onreadystatechange = function (this: unknown, event) {
        found.push([
          this === xhr,
          event.target === xhr,
          event.constructor.name,
          event.bubbles,
          event.cancelable,
        ]);
      };
      xhr.onload = function (this: unknown, event) {
        found.push([
          this === xhr,
          event.currentTarget === xhr,
          event.constructor.name,
          event.bubbles,
        ]);
      };
      xhr.open('GET', origin + SAY);
      const end = ended(xhr);
      xhr.send();
      await end;
      return [found[0], found.at(-1)];
    },
  ],
  [
    'goes on where a listener throws',
    async ({ XMLHttpRequest: Class, origin }) => {
      const xhr = new Class();
      const log = record(xhr);
      const quiet = (event: Event): void => event.preventDefault();
      addEventListener('error', quiet);
      const { onerror } = globalThis as unknown as Window;
      (globalThis as unknown as Window).onerror = () => true;
      xhr.onreadystatechange = () => {
        throw new Error('mine');
      };
      xhr.open('GET', origin + SAY);
      const end = ended(xhr);
      xhr.send();
      await end;
      removeEventListener('error', quiet);
      (globalThis as unknown as Window).onerror = onerror;
      return log;
    },
  ],
  [
    'is extended by a class',
    async (kit) => {
      const log: string[] = [];
      class Own extends kit.XMLHttpRequest {
        override open(...args: unknown[]): void {
          log.push('open');
          Reflect.apply(super.open, this, args);
        }
        override send(body?: XMLHttpRequestBodyInit): void {
          log.push(`send ${this.readyState}`);
          super.send(body);
        }
        override get responseText(): string {
          return `${super.responseText}!`;
        }
      }
      const xhr = await askBy(Own as typeof XMLHttpRequest, kit);
      return [
        log,
        xhr.responseText,
        xhr.status,
        xhr instanceof Own,
        xhr instanceof kit.XMLHttpRequest,
      ];
    },
  ],
  [
    'is extended by a function',
    async (kit) => {
      function Own(this: unknown): object {
        return Reflect.construct(kit.XMLHttpRequest, [], Own);
      }
      Own.prototype = Object.create(kit.XMLHttpRequest.prototype, { constructor: { value: Own } });
      const xhr = await askBy(Own as never, kit);
      return [xhr.responseText, xhr instanceof (Own as never), xhr.constructor === Own];
    },
  ],
  [
    'calls what others put around its methods',
    async (kit) => {
      const log: string[] = [];
      const names = ['open', 'setRequestHeader', 'send', 'getResponseHeader', 'abort'] as const;
      await patched(kit.XMLHttpRequest, [...names], log, async () => {
        const { xhr } = await ask(kit, {
          method: 'POST',
          path: SAY,
          headers: { 'x-a': 'b' },
          body: 'body',
        });
        log.push(xhr.responseText, `${xhr.getResponseHeader('none')}`);
        xhr.abort();
      });
      return log;
    },
  ],
  [
    'calls what others put around its attributes',
    async (kit) => {
      const { prototype } = kit.XMLHttpRequest;
      const own = Object.getOwnPropertyDescriptor(prototype, 'responseText') as PropertyDescriptor;
      Object.defineProperty(prototype, 'responseText', {
        ...own,
        get() {
          return `patched ${own.get?.call(this)}`;
        },
      });
      const xhr = await askBy(kit.XMLHttpRequest, kit);
      const { responseText } = xhr;
      Object.defineProperty(prototype, 'responseText', own);
      return [responseText, xhr.responseText];
    },
  ],
  [
    'takes members of its own on an object',
    async (kit) => {
      const xhr = new kit.XMLHttpRequest();
      const own = xhr as unknown as Record<string, unknown>;
      own.mark = 7;
      const { send } = xhr;
      xhr.send = function (...args) {
        own.sent = true;
        send.apply(this, args);
      };
      xhr.open('GET', kit.origin + SAY);
      const end = ended(xhr);
      xhr.send();
      await end;
      return [own.mark, own.sent, xhr.responseText];
    },
  ],
  [
    'removes listeners, and calls those of once one time',
    async ({ XMLHttpRequest: Class, origin }) => {
      const xhr = new Class();
      const log: string[] = [];
      const removed = (): unknown => log.push('removed');
      xhr.addEventListener('load', removed);
      xhr.removeEventListener('load', removed);
      xhr.addEventListener('readystatechange', () => log.push('once'), { once: true });
      xhr.onload = () => log.push('handler');
      xhr.onload = null;
      xhr.open('GET', origin + SAY);
      const end = ended(xhr);
      xhr.send();
      await end;
      return log;
    },
  ],
  [
    'shows what has come while it comes',
    async ({ XMLHttpRequest: Class, origin }) => {
      const xhr = new Class();
      const seen: unknown[] = [];
      xhr.onprogress = () => {
        const { readyState, responseText, response, status } = xhr;
        if (responseText.length < 10)
          seen.push([readyState, responseText, response, status, xhr.getResponseHeader('x-a')]);
      };
      xhr.open(
        'GET',
        `${origin}/api/say?text=0123456789&ms=2000&header=x-a:b&header=content-type:text/css`,
      );
      const end = ended(xhr);
      xhr.send();
      await end;
      return [seen, xhr.responseText];
    },
  ],
  [
    'dispatches events of the page’s own',
    ({ XMLHttpRequest: Class }) => {
      const xhr = new Class();
      const log: string[] = [];
      xhr.onload = ({ type }) => log.push(type);
      xhr.addEventListener('own', ({ type }) => log.push(type));
      xhr.dispatchEvent(new Event('load'));
      xhr.dispatchEvent(new CustomEvent('own'));
      return log;
    },
  ],
];
