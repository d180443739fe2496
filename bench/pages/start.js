// What an application's own bundle would bring along.
import { connect } from '/hadoken/hadoken.mjs';
import { addFrame, loadScript, origin } from './measure.js';

const far = origin('far');
// Never asked before, as REST URLs are: a preflight of the visit before does not count.
const path = `/api/json?fresh=${crypto.randomUUID()}`;
const headers = { authorization: 'Bearer 0123456789abcdef' };

const json = (response) => response.json();

/** Each from nothing to the first answer of the API. Scripts come from the far server, as a site's own would. */
const sides = {
  'CORS, simple': () => fetch(`${far}/cors${path}`).then(json),
  'CORS, preflight': () => fetch(`${far}/cors${path}`, { headers }).then(json),
  async xdomain() {
    await loadScript(`${far}/modules/xdomain/dist/xdomain.min.js`, {
      'data-slave': `${far}/frames/xdomain.html`,
    });
    return new Promise((resolve, reject) => {
      const xhr = new XMLHttpRequest();
      xhr.open('GET', far + path);
      xhr.setRequestHeader('authorization', headers.authorization);
      xhr.onload = () => resolve(JSON.parse(xhr.responseText));
      xhr.onerror = () => reject(new Error('xdomain failed'));
      xhr.send();
    });
  },
  async penpal() {
    await loadScript(`${far}/modules/penpal/dist/penpal.min.js`);
    const { contentWindow } = addFrame(`${far}/frames/penpal.html`);
    const messenger = new Penpal.WindowMessenger({
      remoteWindow: contentWindow,
      allowedOrigins: [far],
    });
    const remote = await Penpal.connect({ messenger }).promise;
    return remote.json(path, headers);
  },
  async hadoken() {
    await loadScript(`${far}/hadoken/hadoken.js`);
    return hadoken.fetch(path, { headers }).then(json);
  },
  'hadoken, hinted'() {
    hint('frame.js', 'host.js');
    return sides.hadoken();
  },
  async 'hadoken, packed'() {
    await packedScript();
    return hadoken.fetch(path, { headers }).then(json);
  },
  'hadoken, packed and bundled': () => packedBundle().fetch(path, { headers }).then(json),
};

/** Of a packed frame: by a script include, and with hadoken in the application's own bundle. */
const packedScript = () => loadScript(`${far}/packed/hadoken.js`);
const packedBundle = () => connect(`${far}/packed/frame.html`);

/** What a page can say beforehand, to have the frame's scripts on their way with the first one. */
function hint(...files) {
  for (const file of files) {
    const href = `${far}/hadoken/${file}`;
    document.head.append(Object.assign(document.createElement('link'), { rel: 'prefetch', href }));
  }
}

const echo = (socket) => new Promise((resolve) => socket.emit('echo', 'first', resolve));

/** Each from nothing to the first acknowledgement of the Socket.IO server. */
const push = {
  async 'socket.io-client'() {
    await loadScript(`${far}/modules/socket.io-client/dist/socket.io.min.js`);
    return echo(io(far, { transports: ['websocket'] }));
  },
  async hadoken() {
    await loadScript(`${far}/hadoken/hadoken.js`);
    return echo(hadoken.io());
  },
  'hadoken, hinted'() {
    hint('frame.js', 'host.js', 'frame.io.js');
    return push.hadoken();
  },
  async 'hadoken, packed'() {
    await packedScript();
    return echo(hadoken.io());
  },
  'hadoken, packed and bundled': () => echo(packedBundle().io()),
};

async function time(work) {
  const start = performance.now();
  const answer = await work();
  if (!answer?.items && answer !== 'first')
    throw new Error(`The answer was ${JSON.stringify(answer)}`);
  return performance.now() - start;
}

window.bench = {
  ready: Promise.resolve(),
  ajax: (side) => time(sides[side]),
  push: (side) => time(push[side]),
};
