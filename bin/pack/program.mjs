/** What is packed: host.js and frame.js as one script, and the frame's page that has it in it. */
import { Script } from 'node:vm';

/**
 * As it can stand in a page: in a string, a template and a regular expression it means the same.
 * Throws where it does not.
 */
function escapeForPage(code) {
  new Script(code);
  const escaped = code.replace(/<(?=\/script|!--)/gi, '\\x3c');
  try {
    new Script(escaped);
    return escaped;
  } catch {
    throw new Error(
      'it has "</script" or "<!--" where a page can\'t have it: write "<\\/" or "\\x3c!--"',
    );
  }
}

/**
 * The script. It tells the frame that it is packed, and where its parts are: in a Blob nothing is
 * relative to anything.
 *
 * @param {string} frame the text of frame.js
 * @param {string} host the text of host.js
 * @param {Record<string, string>} parts the names of the parts, by those that frame.js has for them
 */
export function createProgram(frame, host, parts) {
  let code = frame.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
  for (const [name, named] of Object.entries(parts)) {
    const pieces = code.split(`import("./${name}")`);
    // frame.hub.js and others are each imported in one place; a release that has another form of it fails here.
    if (pieces.length < 2) throw new Error(`frame.js does not import ${name} as pack knows it`);
    code = pieces.join(`import(new URL("${named}",self.hadokenPacked.base))`);
  }
  // A page's parser makes the same of line ends; the script that a policy hashes has to be that.
  const text = `${host}\n`.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
  return escapeForPage(`self.hadokenPacked={base:self.hadokenBase||(self.document?document.baseURI:location.href),file:self.hadokenFile,host(){
${text}}};
${code}`);
}

/** `html`: the page; `script`: what is in it, as a Content-Security-Policy hashes it. */
export function createPage(program, file) {
  const script = `self.hadokenFile="${file}";${program}`;
  const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>hadoken</title>
    <script>${script}</script>
  </head>
</html>
`;
  return { html, script };
}
