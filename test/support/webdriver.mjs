/**
 * As much of a WebDriver-classic client as the tests need: a session, a URL, windows, scripts.
 * Every command is bounded, for a hung browser answers nothing.
 */
export class WebDriver {
  #base;
  constructor(base) {
    this.#base = base;
  }

  static async start(server, capabilities) {
    const { sessionId, capabilities: got } = await command(`${server}/session`, 'POST', {
      capabilities: { alwaysMatch: capabilities },
    });
    const driver = new WebDriver(`${server}/session/${sessionId}`);
    driver.version = got.browserVersion;
    return driver;
  }

  navigate(url) {
    return command(`${this.#base}/url`, 'POST', { url });
  }
  url() {
    return command(`${this.#base}/url`, 'GET');
  }
  /** Calls `run`, of which only its text arrives, in the page; resolves with what it resolves with. */
  async evaluate(run, ...args) {
    const script = `
      const done = arguments[arguments.length - 1];
      (async () => (${run})(...[...arguments].slice(0, -1)))().then(
        (value) => done({ value: value ?? null }),
        (error) => done({ error: String(error) }),
      );`;
    const { value, error } = await command(`${this.#base}/execute/async`, 'POST', { script, args });
    if (error) throw new Error(error);
    return value;
  }
  /** The handle of the window that commands go to. */
  window() {
    return command(`${this.#base}/window`, 'GET');
  }
  /** Opens a window; gives its handle. Commands go on to the window that they went to before. */
  async newWindow() {
    const { handle } = await command(`${this.#base}/window/new`, 'POST', { type: 'window' });
    return handle;
  }
  /** Commands go to this window from now on. */
  switchTo(handle) {
    return command(`${this.#base}/window`, 'POST', { handle });
  }
  closeWindow() {
    return command(`${this.#base}/window`, 'DELETE');
  }
  /** Presses the keys of `text`, for whatever has the focus. */
  type(text) {
    const keys = [...text].flatMap((value) => [
      { type: 'keyDown', value },
      { type: 'keyUp', value },
    ]);
    const actions = [{ type: 'key', id: 'keyboard', actions: keys }];
    return command(`${this.#base}/actions`, 'POST', { actions });
  }
  /** Clicks at a point of the page, in px. */
  click(x, y) {
    const press = { button: 0 };
    const steps = [
      { type: 'pointerMove', x, y, duration: 0 },
      { type: 'pointerDown', ...press },
      { type: 'pointerUp', ...press },
    ];
    const actions = [{ type: 'pointer', id: 'mouse', actions: steps }];
    return command(`${this.#base}/actions`, 'POST', { actions });
  }
  quit() {
    return command(this.#base, 'DELETE');
  }
}

async function command(url, method, body, timeout = 20_000) {
  const response = await fetch(url, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    signal: AbortSignal.timeout(timeout),
  });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`WebDriver ${method} ${url}: ${value.error}: ${value.message}`);
  return value;
}
