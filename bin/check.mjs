/** `npx hadoken check <frame> --origin <origin>`: asks a deployment what a page can't see. */
import { readCommand } from './args.mjs';
import { checkDeployment } from './check/deployment.mjs';
import { countFindings, toLines } from './check/report.mjs';

export const usage =
  'check https://push.example.com/hadoken/frame.html --origin https://app.example.com [--page URL] [--module] [--timeout MS] [--json]';

const options = /** @type {const} */ ({
  origin: { type: 'string' },
  page: { type: 'string' },
  module: { type: 'boolean', default: false },
  timeout: { type: 'string', default: '10000' },
  json: { type: 'boolean', default: false },
});

function readArgs(args) {
  const { values, positionals, misuse } = readCommand(usage, options, args);
  const timeout = Number(values.timeout);
  if (positionals.length !== 1) throw misuse("Give one URL, that of the frame's page.");
  if (values.origin === undefined) throw misuse("Give the page's origin with --origin.");
  if (!(timeout >= 1 && timeout <= 600_000))
    throw misuse('--timeout takes a number of ms, from 1 to 600000.');
  return { ...values, timeout, frame: positionals[0] };
}

const count = (number, word) => `${number} ${word}${number === 1 ? '' : 's'}`;

function summary(findings, origin) {
  const [errors, warnings, notes] = countFindings(findings);
  const counts = [count(errors, 'error'), count(warnings, 'warning'), count(notes, 'note')].join(
    ', ',
  );
  return `${counts}: a page of ${origin} ${errors ? 'would fail' : 'can use this frame'}.`;
}

export async function run(args) {
  const { frame, origin, page, module: isModule, timeout, json } = readArgs(args);
  const findings = await checkDeployment({ frame, origin, page, isModule, timeout });
  const [errors] = countFindings(findings);
  if (json) console.log(JSON.stringify({ frame, origin, ok: errors === 0, findings }, null, 2));
  else console.log([...toLines(findings), summary(findings, origin)].join('\n'));
  if (errors) process.exitCode = 1;
}
