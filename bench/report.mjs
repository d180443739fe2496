import { mkdir, writeFile } from 'node:fs/promises';
import { drawChart } from './chart.mjs';
import { loadNow } from './machine.mjs';

const file = (name) => new URL(name, import.meta.url);

function table(header, rows) {
  const lines = [header, header.map((_, i) => (i ? '---:' : '---')), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function metricTable(metric) {
  const { sides, base } = metric;
  const rows = sides.map((side) => {
    const [low, high] = metric.spread(side).map((value) => metric.format(value));
    const name = side === 'hadoken' ? '**hadoken**' : side;
    const ratio = base ? [side === base ? '1' : metric.ratio(side).toFixed(2)] : [];
    return [name, metric.format(metric.median(side)), `${low} – ${high}`, ...ratio];
  });
  return table([metric.title, metric.unit, 'middle half', ...(base ? [`× ${base}`] : [])], rows);
}

function formatMark({ value, unit }) {
  const digits = Math.abs(value) < 1 ? 3 : 2;
  return `${value.toLocaleString('en', { maximumFractionDigits: digits, signDisplay: 'negative' })} ${unit}`;
}

function verdict({ met, aim }) {
  if (met) return '✓';
  return aim ? 'not yet (an aim)' : '✗ missed';
}

function marksTable(results) {
  const rows = results.flatMap(({ name, marks }) =>
    marks.map((mark) => [
      `[${name}](#${name})`,
      mark.what,
      mark.limit,
      formatMark(mark),
      verdict(mark),
    ]),
  );
  return table(['suite', 'mark', 'wanted', 'measured', ''], rows);
}

/** Why marks were missed, each reason once. */
function reasons(marks) {
  const missed = marks.filter(({ met, why }) => !met && why);
  return [...new Set(missed.map(({ why }) => why))].map((why) => {
    const whats = missed.filter((mark) => mark.why === why).map(({ what }) => `*${what}*`);
    return `Missed: ${whats.join('; ')}. Why: ${why}`;
  });
}

function suiteSection({ name, title, about, metrics, marks, notes = [], charts = {} }) {
  return [
    `## ${name}\n\n**${title}.** ${about}`,
    ...Object.entries(charts).map(
      ([chart, metric]) => `![${title}: ${metric.title}](charts/${chart}.svg)`,
    ),
    ...metrics.map(metricTable),
    ...notes,
    ...reasons(marks),
  ].join('\n\n');
}

/** The suite's figures and marks on the terminal. */
export function printSuite(result) {
  console.log(`\n${suiteSection(result)}\n\n${marksTable([result])}`);
}

/** bench/RESULTS.md and bench/charts/*.svg. */
export async function writeResults(results, { date, hardware, system, load, versions }) {
  const intro = `# Results

Made by \`npm run bench\` on ${date}; don't edit. ${hardware}; ${system}; load ${load} at the start, ${loadNow()} at the end.

${Object.entries(versions)
  .map(([name, version]) => `${name} ${version}`)
  .join(', ')}.

All sides of a suite run in the same browser against the same servers, one after the other in every round, each round
beginning with another. A figure is the median over the rounds, beside it the middle half of them; a ratio is the
median of the ratios within each round. Absolute times are this machine's; what counts are the ratios.

## Marks

${marksTable(results)}`;
  await mkdir(file('charts/'), { recursive: true });
  for (const { title, charts = {} } of results)
    for (const [name, metric] of Object.entries(charts))
      await writeFile(file(`charts/${name}.svg`), drawChart(title, metric));
  await writeFile(file('RESULTS.md'), `${[intro, ...results.map(suiteSection)].join('\n\n')}\n`);
  console.log('\nWrote bench/RESULTS.md and bench/charts/.');
}
