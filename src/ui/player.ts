import type { Mark, Outline } from "#sim/frame.ts";
import { nextInteresting, previousInteresting } from "#view/interesting.ts";
import { entryStep, evenPace, type Pace, playOn, scaledPace, storyPace } from "#view/pace.ts";
import { type Position, virtualTimeAt } from "#view/playback.ts";
import { moment, showMoment } from "./clock.ts";
import { isStill } from "./media.ts";
import { useRun } from "./run-store.ts";
import type { Session } from "./session.ts";
import { changeUi, useUi } from "./ui-store.ts";
import { useVisit } from "./visit.ts";

/** A visitor sees what the main incident is about within so many milliseconds. */
const PATIENCE = 7600;
/** How long a single step glides. Milliseconds. */
const GLIDE = 260;
/** After a pause of the page itself (a hidden tab) no more than this is caught up. Milliseconds. */
const FRAME_MOST = 100;
/** No more than this is made up for by passing over steps. Milliseconds. */
const OWED_MOST = 400;

/** What the transport does. Each ends the motion under way and acts at once. */
export interface Player {
  toggle(): void;
  play(): void;
  pause(): void;
  /** Plays a run that was just opened, from where it soon shows what goes wrong. */
  present(): void;
  /** By steps, or to the next or previous interesting one. */
  stepBy(steps: number): void;
  toInteresting(way: 1 | -1): void;
  /** Goes to a step, and stays there. */
  jump(step: number): void;
  toStart(): void;
  toEnd(): void;
  stop(): void;
}

/** One animation loop for the whole page: it runs while something moves, and only then. */
export function createPlayer(session: Session): Player {
  let position: Position = { step: 0, part: 0 };
  let wanted: number | null = null;
  let glide: { readonly from: number; readonly since: number } | null = null;
  let running = 0;
  let last = 0;
  /** Wall time that passed while a frame was waited for. */
  let owed = 0;

  const unsubscribeRun = useRun.subscribe((state, old) => {
    if (state.views.main === old.views.main) return;
    if (!useUi.getState().playing) follow(state.step, old.step);
    else if (wanted === null && state.step !== position.step)
      position = { step: state.step, part: 0 };
    wake();
  });
  const unsubscribeUi = useUi.subscribe((state, old) => {
    if (state.playing === old.playing) return;
    if (state.playing) {
      glide = null;
      position = { step: useRun.getState().step, part: 0 };
    } else {
      void session.keep();
    }
    wake();
  });

  function follow(step: number, before: number): void {
    position = { step, part: 0 };
    const isStep = step === before + 1;
    glide = isStep && !isStill() ? { from: moment(), since: performance.now() } : null;
  }

  function wake(): void {
    if (running !== 0) return;
    last = performance.now();
    running = requestAnimationFrame(tick);
  }

  function tick(now: number): void {
    running = 0;
    const times = useRun.getState().outlines.main?.times;
    if (times === undefined) return;
    const { playing, busy } = useUi.getState();
    // While the run is being made anew there is nowhere to go on to.
    if (playing && busy === null) advance(Math.min(FRAME_MOST, now - last));
    last = now;
    showMoment(glidingTime(virtualTimeAt(times, position), now));
    if (playing || glide !== null) running = requestAnimationFrame(tick);
  }

  function advance(elapsed: number): void {
    const { step, outlines } = useRun.getState();
    if (outlines.main === undefined) return;
    owed = Math.min(OWED_MOST, owed + elapsed);
    const next = playOn(paceOf(outlines.main), position, owed);
    const moved = next.step !== position.step;
    // The stage never runs ahead of the frame that is shown; what is owed is made up for by passing over steps.
    if (moved && wanted !== null && wanted !== step) return;
    owed = 0;
    position = next;
    if (moved) show(next.step);
    if (next.step >= outlines.main.steps - 1) pause();
  }

  function show(step: number): void {
    wanted = step;
    void session.seek(step).then(() => {
      if (wanted === step) wanted = null;
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
    const { step, outlines } = useRun.getState();
    const isAtEnd = step >= (outlines.main?.steps ?? 1) - 1;
    if (isAtEnd) void session.seek(0).then(start);
    else start();
  }

  function start(): void {
    changeUi((state) => {
      state.playing = true;
    });
  }

  function jump(step: number): void {
    pause();
    const steps = useRun.getState().outlines.main?.steps ?? 1;
    show(Math.max(0, Math.min(steps - 1, step)));
  }

  function present(): void {
    const { outlines } = useRun.getState();
    const outline = outlines.main;
    const goal = outline?.marks.findLast(isDivergence)?.step ?? 0;
    const step = outline === undefined ? 0 : entryStep(outline, paceOf(outline), goal, PATIENCE);
    useVisit.setState({ run: useRun.getState().run, entered: step });
    void session.seek(step).then(start);
  }

  return {
    present,
    toggle: () => (useUi.getState().playing ? pause() : play()),
    play,
    pause,
    stepBy: (steps) => jump((wanted ?? useRun.getState().step) + steps),
    toInteresting(way) {
      const { outlines, step } = useRun.getState();
      const outline = outlines.main;
      if (outline === undefined) return;
      const from = wanted ?? step;
      const found = way > 0 ? nextInteresting(outline, from) : previousInteresting(outline, from);
      jump(found ?? (way > 0 ? outline.steps - 1 : 0));
    },
    jump,
    toStart: () => jump(0),
    toEnd: () => jump((useRun.getState().outlines.main?.steps ?? 1) - 1),
    stop() {
      cancelAnimationFrame(running);
      unsubscribeRun();
      unsubscribeUi();
    },
  };
}

function paceOf(outline: Outline): Pace {
  const { speed } = useUi.getState();
  if (speed.by === "story") return storyPace(outline);
  return speed.by === "events"
    ? evenPace(outline, speed.perSecond)
    : scaledPace(outline, speed.scale);
}

function isDivergence({ kind, text }: Mark): boolean {
  return kind === "violation" && text.startsWith("C15");
}
