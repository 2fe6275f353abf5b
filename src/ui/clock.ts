/** Draws the moment between two steps: where it stands in virtual time, for the main side and so for its twin. */
type Draw = (time: number) => void;

const draws = new Set<Draw>();
let shown = 0;

/** Calls `draw` at once and whenever the moment moves, until the returned function is called. */
export function onMoment(draw: Draw): () => void {
  draws.add(draw);
  draw(shown);
  return () => {
    draws.delete(draw);
  };
}

/** Virtual time of the moment that is drawn. Microseconds, not whole. */
export function moment(): number {
  return shown;
}

export function showMoment(time: number): void {
  shown = time;
  for (const draw of draws) draw(time);
}
