// `?card=ajax`: that card alone, as the documentation's site embeds it. A classic script in the head, as theme.js is.
(() => {
  const id = new URLSearchParams(location.search).get('card');
  if (!id) return;
  document.documentElement.dataset.card = id;
  document.addEventListener('DOMContentLoaded', () => {
    for (const part of document.querySelectorAll('.card, .hero, header, footer'))
      if (part.id !== id) part.hidden = true;
  });
})();
