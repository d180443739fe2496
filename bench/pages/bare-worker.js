/** The least that asking by way of a worker can be: it fetches what it is told to, and hands the bytes on. */
self.onmessage = async ({ data: { id, url } }) => {
  const response = await fetch(url);
  const bytes = await response.arrayBuffer();
  postMessage({ id, bytes }, [bytes]);
};
