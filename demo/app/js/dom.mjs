/**
 * An element with attributes and children: `el('a', { href: '/' }, 'Home')`. Text only ever becomes a text node.
 *
 * @param {string} name
 * @param {Record<string, string | boolean | undefined>} [attributes]
 * @param {...(Node | string)} children
 */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false)
      element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children);
  return element;
}

/** The parts of a card, by their `data-…` names: `parts('#chat').form`. */
export function parts(selector) {
  const root = document.querySelector(selector);
  return new Proxy(
    { root },
    { get: (own, name) => own[name] ?? root.querySelector(`[data-${name}]`) },
  );
}

/** True when the list was scrolled to its end before something is added, so that it may follow. */
export function followEnd(list, add) {
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  add();
  if (atEnd) list.scrollTop = list.scrollHeight;
}
