const WIDTH = 300;
const HEIGHT = 60;

/** Draws `values` into an `<svg>` that holds a polygon (the area) and a polyline (the line), newest on the right. */
export function drawSpark(svg, values, most) {
  const top = Math.max(4, ...values) * 1.15;
  const step = WIDTH / (most - 1);
  const first = WIDTH - (values.length - 1) * step;
  const points = values.map(
    (value, i) =>
      `${(first + i * step).toFixed(1)},${(HEIGHT - (value / top) * HEIGHT).toFixed(1)}`,
  );
  svg.querySelector('polyline').setAttribute('points', points.join(' '));
  svg
    .querySelector('polygon')
    .setAttribute('points', [`${first},${HEIGHT}`, ...points, `${WIDTH},${HEIGHT}`].join(' '));
}
