/** Adds a script with these `data-` attributes. Self-contained, to be run in other pages. */
export async function addScript(src: string, data: Record<string, string> = {}): Promise<void> {
  const tag = document.createElement('script');
  Object.assign(tag.dataset, data);
  tag.src = src;
  await new Promise((resolve, reject) => {
    tag.onload = resolve;
    tag.onerror = reject;
    document.head.append(tag);
  });
}
