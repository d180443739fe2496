const QUIET = 2_000; // ms without a key: no longer typing
const STALE = 6_000; // ms: a note whose end never came

/** Typing notes, both ways: says once that one types and once that one stopped; shows who else does. */
export function createTyping({ input, output, tell }) {
  const others = new Map();
  let timer;

  input.addEventListener('input', () => {
    if (!timer) tell(true);
    clearTimeout(timer);
    timer = setTimeout(stop, QUIET);
  });

  function stop() {
    if (timer) tell(false);
    clearTimeout(timer);
    timer = undefined;
  }

  function heard({ id, name, typing }) {
    clearTimeout(others.get(id)?.timer);
    if (typing) others.set(id, { name, timer: setTimeout(heard, STALE, { id, typing: false }) });
    else others.delete(id);
    const names = [...others.values()].map((other) => other.name);
    output.textContent = names.length
      ? `${names.join(' and ')} ${names.length > 1 ? 'are' : 'is'} typing`
      : '';
  }

  return { stop, heard };
}
