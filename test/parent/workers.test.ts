import { expect } from '@esm-bundle/chai';
import { env, frameUrl } from '../support/env.ts';

/** What a worker of the page tells that does `code`: the code and the message of what it throws. */
async function askWorker(code: string, options: WorkerOptions): Promise<string[]> {
  const told = `catch ({ code, message }) { postMessage([code, message]); }`;
  const blob = new Blob([`${code} ${told}`], { type: 'text/javascript' });
  const worker = new Worker(URL.createObjectURL(blob), options);
  const answer = await new Promise<string[]>((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
  worker.terminate();
  return answer;
}

describe('in a worker of the page', () => {
  const connect = `connect('${frameUrl()}'); postMessage(['', 'connected']);`;
  const ways: Record<string, [code: string, options: WorkerOptions]> = {
    'the module': [
      `try { const { connect } = await import('${env.app}/dist/hadoken.mjs'); ${connect} }`,
      { type: 'module' },
    ],
    'the script': [
      `try { importScripts('${env.app}/dist/hadoken.js'); hadoken.${connect} }`,
      { type: 'classic' },
    ],
  };
  for (const [what, [code, options]] of Object.entries(ways))
    it(`connect() says that it needs a document: ${what}`, async () => {
      const [errorCode, message] = await askWorker(code, options);
      expect(errorCode).to.equal('UNSUPPORTED');
      expect(message).to.match(/^Hadoken needs a document\.$/);
    });
});
