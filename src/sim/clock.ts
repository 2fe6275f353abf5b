import type { Micros } from "#raft/types.ts";

/** A machine's clock against virtual time: integers only. `drift` is in parts per million, positive when fast. */
export interface Clock {
  /** Virtual time since which this rate holds. */
  since: Micros;
  /** What the clock showed then. */
  base: Micros;
  drift: number;
}

export function createClock(offset: Micros, drift: number): Clock {
  return { since: 0, base: offset, drift };
}

export function localTime(clock: Clock, now: Micros): Micros {
  const passed = now - clock.since;
  return clock.base + passed + Math.floor((passed * clock.drift) / 1_000_000);
}

/** The earliest virtual time, not before `now`, at which the clock shows `local`. */
export function virtualTime(clock: Clock, local: Micros, now: Micros): Micros {
  const wanted = local - clock.base;
  let time = clock.since + Math.ceil((wanted * 1_000_000) / (1_000_000 + clock.drift));
  while (localTime(clock, time) < local) time += 1;
  return Math.max(now, time);
}

/** Sets the clock to be `offset` ahead of virtual time, going on at this rate. */
export function setClock(clock: Clock, now: Micros, offset: Micros, drift: number): void {
  clock.since = now;
  clock.base = now + offset;
  clock.drift = drift;
}
