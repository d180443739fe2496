/**
 * Sent to pages as text, to run before Hadoken does: Hadoken's frames are in closed shadow roots, where no page finds them.
 * `hiddenFrames()` are those that are in the page now. test/fixtures/pages/attacker.html has a copy.
 */
export function recordHiddenFrames() {
  const roots = [];
  const { attachShadow } = Element.prototype;
  Element.prototype.attachShadow = function (...args) {
    const root = attachShadow.apply(this, args);
    roots.push(root);
    return root;
  };
  globalThis.hiddenFrames = (selector = 'iframe') =>
    roots
      .filter((root) => root.isConnected)
      .flatMap((root) => [...root.querySelectorAll(selector)]);
}
