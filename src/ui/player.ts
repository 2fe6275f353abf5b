import type { Mark, Outline } from "#sim/frame.ts";
import { nextInteresting, previousInteresting } from "#view/interesting.ts";
import { entryStep, evenPace, type Pace, playOn, scaledPace, storyPace } from "#view/pace.ts";
import { type Position, virtualTimeAt } from "#view/playback.ts";
import { placeAt } from "#view/walk.ts";
import type { Side } from "#worker/protocol.ts";
import { moment, showMoment } from "./clock.ts";
import { isStill } from "./media.ts";
import { type RunState, useRun } from "./run-store.ts";
import type { Session } from "./session.ts";
import { CROWD } from "./stage/Flights.tsx";
import { changeUi, type Speed, useUi } from "./ui-store.ts";
import { useVisit } from "./visit.ts";
import { shownPlace, walkOfRun } from "./walking.ts";

/** A visitor sees what the main incident is about within so many milliseconds. */
const PATIENCE = 7600;
/** How long a single step glides. Milliseconds. */
const GLIDE = 260;
/** After a pause of the page itself (a hidden tab) no more than this is caught up. Milliseconds. */
const FRAME_MOST = 100;
/**
 * With so many messages on their way figures change faster than anybody reads: then steps are shown so many milliseconds
 * apart at least, while the messages fly on.
 */
const CROWD_EVERY = 50;
/** No more than this is made up for by passing over steps. Milliseconds. */
const OWED_MOST = 400;

/**
 * What the transport does. Each ends the motion under way and acts at once. With a twin all of it goes along the steps of
 * both sides, merged by time.
 */
export interface Player {
  toggle(): void;
  play(): void;
  pause(): void;
  /** Plays a run that was just opened, from where it soon shows what goes wrong. */
  present(): void;
  /** By steps, or to the next or previous interesting one. */
  stepBy(steps: number): void;
  toInteresting(way: 1 | -1): void;
  /** Goes to a step of a side (left out: the main one), and stays there. */
  jump(step: number, side?: Side): void;
  toStart(): void;
  toEnd(): void;
  stop(): void;
}

/** One animation loop for the whole page: it runs while something moves, and only then. */
export function createPlayer(session: Session): Player {
  /** Its steps are places of the walk through both sides; so is what is wanted. */
  let position: Position = { step: 0, part: 0 };
  let wanted: number | null = null;
  let glide: { readonly from: number; readonly since: number } | null = null;
  let running = 0;
  let last = 0;
  /** Wall time that passed while a frame was waited for. */
  let owed = 0;
  /** When a step was last asked for while it played. */
  let asked = 0;

  const unsubscribeRun = useRun.subscribe((state, old) => {
    if (state.views.main === old.views.main && state.views.twin === old.views.twin) return;
    const place = shownPlace(state);
    if (!useUi.getState().playing) follow(place, shownPlace(old));
    else if (wanted === null && place !== position.step) position = { step: place, part: 0 };
    wake();
  });
  const unsubscribeUi = useUi.subscribe((state, old) => {
    if (state.playing === old.playing) return;
    if (state.playing) {
      glide = null;
      position = { step: shownPlace(useRun.getState()), part: 0 };
    } else {
      if (wanted === null && position.step !== shownPlace(useRun.getState())) {
        void show(position.step);
      }
      void session.keep();
    }
    wake();
  });

  function follow(place: number, before: number): void {
    position = { step: place, part: 0 };
    const isStep = place === before + 1;
    glide = isStep && !isStill() ? { from: moment(), since: performance.now() } : null;
  }

  function wake(): void {
    if (running !== 0) return;
    last = performance.now();
    running = requestAnimationFrame(tick);
  }

  function tick(now: number): void {
    running = 0;
    const times = walkOfRun(useRun.getState())?.outline.times;
    if (times === undefined) return;
    const { playing, busy } = useUi.getState();
    // While the run is being made anew there is nowhere to go on to.
    if (playing && busy === null) advance(Math.min(FRAME_MOST, now - last), now);
    last = now;
    showMoment(glidingTime(virtualTimeAt(times, position), now));
    if (playing || glide !== null) running = requestAnimationFrame(tick);
  }

  function advance(elapsed: number, now: number): void {
    const run = useRun.getState();
    const walk = walkOfRun(run);
    if (walk === null) return;
    owed = Math.min(OWED_MOST, owed + elapsed);
    const next = playOn(paceOf(walk.outline), position, owed);
    const moved = next.step !== shownPlace(run);
    // The stage never runs ahead of the frame that is shown; what is owed is made up for by passing over steps.
    if (moved && wanted !== null && wanted !== shownPlace(run)) return;
    owed = 0;
    position = next;
    if (moved && (!isCrowded(run) || now - asked >= CROWD_EVERY)) {
      asked = now;
      void show(next.step);
    }
    if (next.step >= walk.outline.steps - 1) pause();
  }

  function show(place: number): Promise<void> {
    wanted = place;
    const walk = walkOfRun(useRun.getState());
    return session.seek(walk?.main[place] ?? 0, walk?.twin?.[place]).then(() => {
      if (wanted === place) wanted = null;
    });
  }

  function glidingTime(target: number, now: number): number {
    if (glide === null) return target;
    const part = Math.min(1, (now - glide.since) / GLIDE);
    const { from } = glide;
    if (part === 1) glide = null;
    return from + (target - from) * part;
  }

  function pause(): void {
    changeUi((state) => {
      state.playing = false;
    });
  }

  function play(): void {
    const isAtEnd = shownPlace(useRun.getState()) >= lastPlace();
    if (isAtEnd) void session.seek(0).then(start);
    else start();
  }

  function start(): void {
    changeUi((state) => {
      state.playing = true;
    });
  }

  function go(place: number): void {
    pause();
    void show(Math.max(0, Math.min(lastPlace(), place)));
  }

  function here(): number {
    if (wanted !== null) return wanted;
    return useUi.getState().playing ? position.step : shownPlace(useRun.getState());
  }

  function present(): void {
    const { run } = useRun.getState();
    const outline = walkOfRun(useRun.getState())?.outline;
    const goal = outline?.marks.findLast(isDivergence)?.step ?? 0;
    const place = outline === undefined ? 0 : entryStep(outline, paceOf(outline), goal, PATIENCE);
    useVisit.setState({ run, entered: place });
    void show(place).then(start);
  }

  return {
    present,
    toggle: () => (useUi.getState().playing ? pause() : play()),
    play,
    pause,
    stepBy: (steps) => go(here() + steps),
    toInteresting(way) {
      const outline = walkOfRun(useRun.getState())?.outline;
      if (outline === undefined) return;
      const from = here();
      const found = way > 0 ? nextInteresting(outline, from) : previousInteresting(outline, from);
      go(found ?? (way > 0 ? outline.steps - 1 : 0));
    },
    jump(step, side = "main") {
      const walk = walkOfRun(useRun.getState());
      if (walk !== null) go(placeAt(walk, side, step));
    },
    toStart: () => go(0),
    toEnd: () => go(lastPlace()),
    stop() {
      cancelAnimationFrame(running);
      unsubscribeRun();
      unsubscribeUi();
    },
  };
}

function isCrowded({ views: { main, twin } }: RunState): boolean {
  return [main, twin].some((view) => (view?.frame.messages.length ?? 0) > CROWD);
}

function lastPlace(): number {
  return (walkOfRun(useRun.getState())?.outline.steps ?? 1) - 1;
}

/** The pace last made: it is asked for in every frame of motion. */
let made: { readonly outline: Outline; readonly speed: Speed; readonly pace: Pace } | null = null;

function paceOf(outline: Outline): Pace {
  const { speed } = useUi.getState();
  if (made?.outline !== outline || made.speed !== speed) {
    made = { outline, speed, pace: paceAt(outline, speed) };
  }
  return made.pace;
}

function paceAt(outline: Outline, speed: Speed): Pace {
  if (speed.by === "story") return storyPace(outline);
  return speed.by === "events"
    ? evenPace(outline, speed.perSecond)
    : scaledPace(outline, speed.scale);
}

function isDivergence({ kind, text }: Mark): boolean {
  return kind === "violation" && text.startsWith("C15");
}
