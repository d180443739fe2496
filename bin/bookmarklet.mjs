/** `npx hadoken bookmarklet <url>`: prints a `javascript:` URL that gives the page one is on the drop-in. */

export const usage = "bookmarklet https://push.example.com/hadoken/ ['/v1/*' …]";

/** The script that the bookmark runs. A second click finds the mark of the first. */
function source(script, take) {
  const data = take.length ? `s.dataset.take=${JSON.stringify(take.join(' '))};` : '';
  return (
    `(function(){var k=Symbol.for('hadoken.bookmarklet'),d=document,s;if(window[k])return;window[k]=1;` +
    `s=d.createElement('script');s.src=${JSON.stringify(script)};${data}` +
    `(d.head||d.documentElement).appendChild(s)})()`
  );
}

/** `folder`: where hadoken.drop-in.js is. `take`: as in `data-take`; none: all of the frame's origin. */
export function createBookmarklet(folder, take = []) {
  let url;
  try {
    url = new URL(folder.replace(/\/?$/, '/'));
  } catch {}
  if (!url || !/^https?:$/.test(url.protocol))
    throw new Error(`${folder || 'Nothing'} is no http(s) URL.\nUsage: npx hadoken ${usage}`);
  const script = new URL('hadoken.drop-in.js', url).href;
  // The browser decodes it before it runs it.
  return `javascript:${encodeURIComponent(source(script, take)).replace(/%(2C|3B|3A|2F|3D|40|24)/g, decodeURIComponent)}`;
}

export function run([folder = '', ...take]) {
  console.log(createBookmarklet(folder, take));
}
