import { expect } from '@esm-bundle/chai';
import { addScript } from '../support/add-script.ts';
import { type AttackerPage, attackerUrl, openAttacker } from '../support/attacker.ts';
import { env, frameUrl } from '../support/env.ts';

/** What a library is asked for; `url` is a path of the page's own origin. */
type Asked = {
  method: string;
  url: string;
  form?: Record<string, string>;
  json?: unknown;
  as?: 'xml' | 'blob';
  timeout?: number;
  isAborted?: boolean;
  upload?: Blob;
};
/** What it gave. */
type Given = { status?: number; data?: unknown; end?: string; uploaded?: number };
// biome-ignore lint/suspicious/noExplicitAny: old libraries have no types
type Library = any;

/** Runs in the page, so it uses nothing but its argument and the page's globals. */
type Request = (asked: Asked) => Promise<Given>;

const jquery: Request = (asked) =>
  new Promise((resolve) => {
    const { jQuery: $ } = globalThis as Library;
    let uploaded = 0;
    const xhr = $.ajax({
      type: asked.method,
      url: asked.url,
      timeout: asked.timeout,
      data: asked.upload ?? asked.form ?? (asked.json && JSON.stringify(asked.json)),
      ...(asked.json ? { contentType: 'application/json' } : {}),
      ...(asked.upload ? { contentType: 'text/x', processData: false } : {}),
      ...(asked.as === 'blob' ? { xhrFields: { responseType: 'blob' } } : {}),
      xhr() {
        const own = $.ajaxSettings.xhr();
        if (asked.upload)
          own.upload.onprogress = ({ loaded }: ProgressEvent) => {
            uploaded = loaded;
          };
        return own;
      },
      success: (data: unknown, _text: string, { status }: Given) =>
        resolve({ status: status as number, data, uploaded }),
      error: ({ status }: Given, end: string) => resolve({ status: status as number, end }),
    });
    if (asked.isAborted) setTimeout(() => xhr.abort(), 100);
  });

const axios: Request = async (asked) => {
  const { axios: client } = globalThis as Library;
  const source = client.CancelToken.source();
  let uploaded = 0;
  if (asked.isAborted) setTimeout(() => source.cancel(), 100);
  try {
    const { status, data } = await client.request({
      method: asked.method,
      url: asked.url,
      timeout: asked.timeout ?? 0,
      cancelToken: source.token,
      data: asked.upload ?? (asked.form ? new URLSearchParams(asked.form) : asked.json),
      responseType: asked.as === 'blob' ? 'blob' : asked.as === 'xml' ? 'document' : undefined,
      ...(asked.upload && {
        onUploadProgress: ({ loaded }: ProgressEvent) => {
          uploaded = loaded;
        },
      }),
    });
    return { status, data, uploaded };
  } catch (error) {
    const { response, code } = error as Library;
    if (client.isCancel(error)) return { status: 0, end: 'abort' };
    if (code === 'ECONNABORTED' || code === 'ETIMEDOUT') return { status: 0, end: 'timeout' };
    return { status: response?.status ?? 0, end: 'error' };
  }
};

const angular: Request = async (asked) => {
  const { angular: ng } = globalThis as Library;
  const injector = ng.injector(['ng']);
  const { promise: stop, resolve: abort } = injector.get('$q').defer();
  let uploaded = 0;
  if (asked.isAborted)
    setTimeout(() => {
      abort();
      injector.get('$rootScope').$digest();
    }, 100);
  const answer = await new Promise<Library>((resolve) => {
    injector
      .get('$http')({
        method: asked.method,
        url: asked.url,
        timeout: asked.isAborted ? stop : asked.timeout,
        data:
          asked.upload ?? (asked.form ? new URLSearchParams(asked.form).toString() : asked.json),
        headers: asked.form ? { 'Content-Type': 'application/x-www-form-urlencoded' } : {},
        ...(asked.upload && { transformRequest: [] }),
        responseType: asked.as === 'blob' ? 'blob' : asked.as === 'xml' ? 'document' : '',
        uploadEventHandlers: asked.upload && {
          progress: ({ loaded }: ProgressEvent) => {
            uploaded = loaded;
          },
        },
      })
      .then(resolve, resolve);
  });
  const { status, data, xhrStatus } = answer;
  if (status === 200) return { status, data, uploaded };
  return { status: Math.max(status, 0), end: xhrStatus === 'complete' ? 'error' : xhrStatus };
};

const superagent: Request = (asked) =>
  new Promise((resolve) => {
    const { superagent: agent } = globalThis as Library;
    let uploaded = 0;
    const request = agent(asked.method, asked.url);
    if (asked.timeout) request.timeout({ response: asked.timeout, deadline: asked.timeout });
    if (asked.form) request.type('form').send(asked.form);
    if (asked.json) request.send(asked.json);
    if (asked.upload)
      request
        .type('text/x')
        .serialize((body: unknown) => body)
        .send(asked.upload);
    if (asked.as === 'blob') request.responseType('blob');
    request.on('progress', ({ direction, loaded }: Library) => {
      if (direction === 'upload') uploaded = loaded;
    });
    // It aborts by itself when the time is over.
    if (asked.isAborted) request.on('abort', () => resolve({ status: 0, end: 'abort' }));
    request.end((error: Library, answer: Library) => {
      if (error)
        return resolve({ status: error.status ?? 0, end: error.timeout ? 'timeout' : 'error' });
      const data = asked.as === 'xml' ? answer.xhr.responseXML : (answer.body ?? answer.text);
      resolve({ status: answer.status, data, uploaded });
    });
    if (asked.isAborted) setTimeout(() => request.abort(), 100);
  });

/** Text comes into the page: what the server has sent is read from there. */
const htmx: Request = (asked) =>
  new Promise((resolve) => {
    const { htmx: client } = globalThis as Library;
    const target = document.createElement('div');
    document.body.append(target);
    let uploaded = 0;
    if (asked.timeout) client.config.timeout = asked.timeout;
    target.addEventListener('htmx:xhr:progress', (event) => {
      uploaded = (event as CustomEvent).detail.loaded;
    });
    target.addEventListener('htmx:afterRequest', (event) => {
      const { xhr } = (event as CustomEvent).detail;
      setTimeout(() => {
        if (xhr.status === 200)
          resolve({ status: 200, data: JSON.parse(target.textContent as string), uploaded });
        else if (xhr.status) resolve({ status: xhr.status, end: 'error' });
      }, 50);
    });
    for (const end of ['timeout', 'abort'])
      target.addEventListener(`htmx:${end}`, () => resolve({ status: 0, end }));
    target.addEventListener('htmx:xhr:abort', () => resolve({ status: 0, end: 'abort' }));
    client.ajax(asked.method, asked.url, { source: target, target, values: asked.form });
    if (asked.isAborted) setTimeout(() => client.trigger(target, 'htmx:abort'), 100);
  });

type Feature = 'json' | 'xml' | 'upload' | 'blob';
const libraries: [name: string, scripts: string[], request: Request, ...without: Feature[]][] = [
  // jQuery 1.12 reads responseText whatever the responseType, as it does of the platform's own.
  ['jQuery 1.12', ['jquery-1/dist/jquery.js'], jquery, 'blob'],
  ['jQuery 3.7', ['jquery/dist/jquery.js'], jquery],
  ['axios 0.27', ['axios-0/dist/axios.js'], axios],
  ['axios 1', ['axios/dist/axios.js'], axios],
  ['Angular 1.8', ['angular/angular.js'], angular],
  ['superagent', ['superagent/dist/superagent.js'], superagent],
  ['htmx', ['htmx.org/dist/htmx.js'], htmx, 'json', 'xml', 'upload', 'blob'],
];

/** In the page: the request, with what can't be posted made plain. */
const perform = async (request: Request, asked: Asked & { size?: number }): Promise<Given> => {
  if (asked.size) asked.upload = new Blob([new Uint8Array(asked.size)]);
  const given = await request(asked);
  const { data } = given;
  if (Object.prototype.toString.call(data) === '[object XMLDocument]')
    given.data = (data as Document).documentElement.nodeName;
  if (data instanceof Blob) given.data = data.size;
  return given;
};

const dropIn = (): string => frameUrl().replace('frame.html', 'hadoken.drop-in.js');
type Seen = { method: string; url: string; body: string; headers: Record<string, string> };

for (const [name, scripts, request, ...without] of libraries) {
  describe(`${name}, unchanged, after the drop-in`, () => {
    let page: AttackerPage;
    const ask = (asked: Asked & { size?: number }): Promise<Given> =>
      page.run(perform, request, asked);
    const has = (feature: Feature): boolean => !without.includes(feature);
    before(async () => {
      page = await openAttacker(attackerUrl(env.app));
      for (const script of scripts) await page.run(addScript, `/node_modules/${script}`);
      await page.run(addScript, dropIn(), { take: '/api/*' });
    });
    after(() => page.close());

    it('gets, and sends forms and JSON', async () => {
      const got = (await ask({ method: 'GET', url: '/api/echo?a=1' })) as { data: Seen };
      expect(got).to.include({ status: 200 });
      expect(got.data).to.include({ method: 'GET', url: '/api/echo?a=1' });
      expect(got.data.headers['hadoken-origin']).to.equal(env.app);
      const form = (await ask({ method: 'POST', url: '/api/echo', form: { a: 'ü b' } })) as {
        data: Seen;
      };
      expect(form.data.headers['content-type']).to.match(/^application\/x-www-form-urlencoded/);
      expect(atob(form.data.body)).to.match(/^a=%C3%BC(\+|%20)b$/);
      if (!has('json')) return;
      const json = (await ask({ method: 'POST', url: '/api/echo', json: { a: 1 } })) as {
        data: Seen;
      };
      expect(json.data.headers['content-type']).to.match(/^application\/json/);
      expect(atob(json.data.body)).to.equal('{"a":1}');
    });

    it('reads XML and a Blob', async () => {
      const url = '/api/say?header=content-type:application/xml&text=<root><a/></root>';
      if (has('xml'))
        expect(await ask({ method: 'GET', url, as: 'xml' })).to.include({
          status: 200,
          data: 'root',
        });
      if (has('blob'))
        expect(await ask({ method: 'GET', url: '/api/bytes/70000', as: 'blob' })).to.include({
          data: 70_000,
        });
    });

    it('hears of 404, of 500, of a timeout and of an abort', async () => {
      const [lost, broken] = [
        await ask({ method: 'GET', url: '/api/status/404' }),
        await ask({ method: 'GET', url: '/api/status/500' }),
      ];
      expect([lost, broken].map(({ status, end }) => [status, end])).to.deep.equal([
        [404, 'error'],
        [500, 'error'],
      ]);
      const aborted = await ask({ method: 'GET', url: '/api/hang', isAborted: true });
      expect(aborted).to.include({ status: 0, end: 'abort' });
      const late = await ask({ method: 'GET', url: '/api/hang', timeout: 500 });
      expect(late).to.include({ status: 0, end: 'timeout' });
    });

    it('hears how far an upload is', async () => {
      if (!has('upload')) return;
      const given = await ask({ method: 'POST', url: '/api/upload', size: 300_000 });
      expect(given.data).to.include({ bytes: 300_000 });
      expect(given.uploaded).to.equal(300_000);
    });
  });
}

describe('Backbone, unchanged, after the drop-in', () => {
  it('fetches and saves a model, and hears of 404', async () => {
    const page = await openAttacker(attackerUrl(env.app));
    for (const script of [
      'jquery/dist/jquery.js',
      'underscore/underscore.js',
      'backbone/backbone.js',
    ])
      await page.run(addScript, `/node_modules/${script}`);
    await page.run(addScript, dropIn(), { take: '/api/*' });
    const found = await page.run(async () => {
      const { Backbone } = globalThis as Library;
      const model = new Backbone.Model();
      const call = (method: string, url: string): Promise<unknown> =>
        new Promise((resolve) =>
          model[method](null, {
            url,
            success: () => resolve(model.get('method')),
            error: (_: unknown, { status }: Given) => resolve(status),
          }),
        );
      const fetched = await new Promise((resolve) =>
        model.fetch({ url: '/api/echo', success: () => resolve(model.get('method')) }),
      );
      return [fetched, await call('save', '/api/echo'), await call('save', '/api/status/404')];
    });
    page.close();
    expect(found).to.deep.equal(['GET', 'POST', 404]);
  });
});
