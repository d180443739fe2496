// A classic script in the head: the chosen theme must be there before the first paint. The order is auto, light, dark.
(() => {
  const KEY = 'hadoken-demo-theme';
  const NEXT = { auto: 'light', light: 'dark', dark: 'auto' };
  const root = document.documentElement;

  function show(theme) {
    if (theme === 'auto') root.removeAttribute('data-theme');
    else root.setAttribute('data-theme', theme);
    for (const label of document.querySelectorAll('[data-theme-toggle] span'))
      label.textContent = theme;
  }

  const stored = () => (NEXT[localStorage.getItem(KEY)] ? localStorage.getItem(KEY) : 'auto');
  show(stored());
  document.addEventListener('DOMContentLoaded', () => {
    show(stored());
    for (const button of document.querySelectorAll('[data-theme-toggle]')) {
      button.addEventListener('click', () => {
        localStorage.setItem(KEY, NEXT[stored()]);
        show(stored());
      });
    }
  });
})();
