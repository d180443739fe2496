import { el } from './dom.mjs';

const stage = document.getElementById('stage');
const calm = matchMedia('(prefers-reduced-motion: reduce)');
const FLIGHT = 420; // ms over one wire
const MOST = 12; // balls in the air; a burst need not be a storm

/** Throws a ball over both wires: out to the server, or in to the page. What crosses is made visible here. */
export async function fly(direction, kind = 'ajax') {
  if (calm.matches || document.hidden || stage.querySelectorAll('.ball').length >= MOST) return;
  const wires = [...stage.querySelectorAll('.wire')];
  for (const wire of direction === 'out' ? wires : wires.reverse())
    await over(wire, direction, kind);
}

async function over(wire, direction, kind) {
  const ball = el('span', { class: `ball ball-${kind} ball-${direction}` });
  wire.append(ball);
  const upright = wire.clientHeight > wire.clientWidth;
  const far = upright ? `translateY(${wire.clientHeight}px)` : `translateX(${wire.clientWidth}px)`;
  const frames = [{ transform: 'none' }, { transform: far }];
  if (direction === 'in') frames.reverse();
  await ball.animate(frames, { duration: FLIGHT, easing: 'ease-in-out' }).finished.catch(() => {});
  ball.remove();
}

/** `connecting`, `connected`, …: the colour of the first wire and the frame. */
export function showState(state) {
  stage.dataset.state = state;
}

/** Whether the server at the end of the line is there. */
export function showServer(running) {
  stage.dataset.server = running ? 'up' : 'down';
}
