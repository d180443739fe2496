/** The least that asking by way of a worker can be: it fetches what it is told to, and hands the bytes on. */
self.onmessage = async ({ data: { id, value: url } }) => {
  const response = await fetch(url);
  const value = await response.arrayBuffer();
  postMessage({ id, value }, [value]);
};
