// With a bundler or an import map this is `from 'hadoken'`; here the app's server gives dist/ out under /sdk/.
import { connect } from '/sdk/hadoken.mjs';

const hadoken = connect(document.querySelector('meta[name="hadoken-frame"]').content);
const show = (id, text) => {
  document.getElementById(id).textContent = text;
};

const showState = () =>
  show(
    'state',
    hadoken.config ? `${hadoken.state}, release ${hadoken.config.release}` : hadoken.state,
  );
hadoken.on('statechange', showState);
showState();

hadoken.io('/').on('tick', ({ now }) => show('clock', new Date(now).toLocaleTimeString('en-GB')));

document.getElementById('order').addEventListener('click', () =>
  attempt('ordered', async () => {
    const response = await hadoken.fetch('/v1/orders', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Hadoken-Demo': '1' },
      body: JSON.stringify({ item: 'Headband', quantity: 1 }),
    });
    const { order, seen } = await response.json();
    return `No. ${order.id}, seen as ${seen.secFetchSite}`;
  }),
);

attempt('me', async () => {
  const { name, visits } = await (await hadoken.fetch('/v1/me')).json();
  return `${name}, visit ${visits} (counted in an HttpOnly cookie)`;
});

async function attempt(id, work) {
  try {
    show(id, await work());
  } catch (error) {
    show(id, `${error.code ?? error.name}: ${error.message}`);
  }
}
