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
  execute(script, ...args) {
    return command(`${this.#base}/execute/sync`, 'POST', { script, args });
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
