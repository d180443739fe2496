const WIDTH = 720;
const LABEL = 180;
const ROW = 30;
const TOP = 52;
const BAR = WIDTH - LABEL - 140;

const escapeXml = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Own background and colours for light and dark, so that it can be read wherever it is shown. */
const STYLE = `
    .ground { fill: #ffffff } .text { fill: #1f2328 } .quiet { fill: #59636e } .bar { fill: #b6bec8 } .own { fill: #e8590c }
    .spread { stroke: #59636e; stroke-width: 1.5 }
    @media (prefers-color-scheme: dark) {
      .ground { fill: #151b23 } .text { fill: #f0f6fc } .quiet { fill: #9198a1 } .bar { fill: #4a5360 } .own { fill: #ff922b }
      .spread { stroke: #9198a1 }
    }
    text { font: 14px system-ui, sans-serif } .title { font-weight: 600; font-size: 16px }`;

/** A bar for each side of `metric`, as SVG: the median, and a line over the middle half of the rounds. */
export function drawChart(title, metric) {
  const { sides, unit } = metric;
  const longest = Math.max(...sides.map((side) => metric.spread(side)[1]));
  const scale = (value) => Math.round((value / longest) * BAR * 10) / 10;
  const height = TOP + sides.length * ROW + 12;
  const rows = sides.map((side, i) => {
    const y = TOP + i * ROW;
    const value = metric.median(side);
    const [low, high] = metric.spread(side).map((edge) => LABEL + scale(edge));
    return `  <text class="text" x="${LABEL - 12}" y="${y + 15}" text-anchor="end">${escapeXml(side)}</text>
  <rect class="${side.startsWith('hadoken') ? 'own' : 'bar'}" x="${LABEL}" y="${y}" width="${scale(value)}" height="20" rx="3"/>
  <line class="spread" x1="${low}" x2="${high}" y1="${y + 10}" y2="${y + 10}"/>
  <text class="text" x="${Math.max(high, LABEL + scale(value)) + 10}" y="${y + 15}">${metric.format(value)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escapeXml(`${title}, ${unit}`)}">
  <style>${STYLE}
  </style>
  <rect class="ground" width="${WIDTH}" height="${height}" rx="8"/>
  <text class="text title" x="20" y="30">${escapeXml(title)}</text>
  <text class="quiet" x="${WIDTH - 20}" y="30" text-anchor="end">${escapeXml(`${metric.title}: ${unit}`)}</text>
${rows.join('\n')}
</svg>
`;
}
