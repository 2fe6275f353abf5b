import { draw, scale } from "#base/rng.ts";
import type { Disk } from "#disk/disk.ts";
import { perform } from "#disk/perform.ts";
import type { Effect, Recovered } from "#raft/protocol.ts";
import type { Message, StateImage } from "#raft/types.ts";
import type { Actor, Note, ProcessMemory, Step, StepResult, System } from "./contract.ts";
import { atRisk, readStep } from "./read.ts";

interface Running {
  readonly actor: Actor;
  readonly state: unknown;
  last: StepResult;
  /** It has been told something since it last had nothing to do. */
  isReady: boolean;
}

export const DIRECTORY = "s1/";

/** Thrown into the middle of a life when its steps are used up. */
class Cut extends Error {}

/**
 * One life of a server's process on a disk, without its server: its actors, what they share, and the messages that wait.
 * It ends after `steps` micro-steps, wherever that is. Which of several ready actors goes next is drawn.
 */
export class Life {
  /** What the micro-steps were, in order. */
  readonly steps: Step[] = [];
  recovered: Recovered | null = null;
  failure: string | null = null;
  bugs: ReadonlySet<string> = new Set();
  /** Overrides of the system's. */
  options: Readonly<Record<string, number>> = {};
  /** Its state machine, for as long as it is up. */
  application: () => StateImage = () => ({ lastApplied: 0, values: [], beyond: "0".repeat(16) });
  readonly #system: System;
  readonly #disk: Disk;
  readonly #onRelease: (message: Message) => void;
  readonly #seed: number;
  readonly #running: readonly Running[];
  readonly #memories: Record<string, ProcessMemory> = {};
  #held: { readonly ticket: number; readonly message: Message }[] = [];
  #tickets = 0;
  #stepsLeft: number;
  #drawn = 0;

  constructor(
    system: System,
    disk: Disk,
    onRelease: (message: Message) => void,
    steps: number,
    seed: number,
  ) {
    this.#system = system;
    this.#disk = disk;
    this.#onRelease = onRelease;
    this.#stepsLeft = steps;
    this.#seed = seed;
    this.#running = system.actors.map((actor) => ({
      actor,
      state: actor.start(),
      last: { type: "none" },
      isReady: true,
    }));
  }

  /** Does what `work` does until it is through, or the steps are used up: then false, and the life is over. */
  attempt(work: (life: this) => void): boolean {
    try {
      work(this);
      return true;
    } catch (error) {
      if (error instanceof Cut) return false;
      throw error;
    }
  }

  recover(): void {
    this.#note(this.#system.recovery, { type: "recover" });
    this.#settle(this.#system.recovery);
  }

  /** As the simulator takes an effect of the protocol. */
  take(effect: Effect): void {
    if (effect.type === "send") {
      this.#tickets += 1;
      const isHeld = this.#system.holds(effect.message);
      if (isHeld) this.#held.push({ ticket: this.#tickets, message: effect.message });
      else this.#onRelease(effect.message);
      return;
    }
    const route = this.#system.route(effect);
    if (route === null) return;
    this.#note(route.actor, { type: "effect", effect });
    if (route.wait) this.#settle(route.actor);
    else if (this.#choose(2) === 0) this.#stepSome();
  }

  /** The persist phases of the loop. */
  persist(): void {
    for (const phase of this.#system.loop) {
      if (phase.type !== "persist") continue;
      this.#note(phase.actor, { type: "persist" });
      this.#settle(phase.actor);
    }
  }

  stop(): void {
    for (const { actor } of this.#running) {
      this.#note(actor.id, { type: "stop" });
      this.#settle(actor.id);
    }
  }

  #note(id: string, note: Note): void {
    const running = this.#find(id);
    running.actor.receive(running.state, note);
    running.isReady = true;
  }

  #settle(id: string): void {
    const awaited = this.#find(id);
    while (awaited.isReady) this.#stepOne();
  }

  #stepSome(): void {
    for (let count = this.#choose(4); count > 0; count--) this.#stepOne();
  }

  #stepOne(): void {
    const ready = this.#running.filter(({ isReady }) => isReady);
    const running = ready[this.#choose(Math.max(1, ready.length))];
    if (running === undefined) return;
    if (this.failure !== null) throw new Cut(); // The process has ended itself.
    const { actor, state, last } = running;
    running.last = { type: "none" };
    const step = actor.next(state, {
      memory: this.#memoryOf(actor.process),
      last,
      now: this.steps.length,
      directory: DIRECTORY,
      ...(this.recovered !== null && { application: this.application }),
      held: this.#tickets,
      bugs: this.bugs,
      options: { ...this.#system.options, ...this.options },
      atRisk: atRisk(this.#disk),
    });
    if (step === null) {
      running.isReady = false;
      return;
    }
    if (this.#stepsLeft === 0) throw new Cut();
    this.#stepsLeft -= 1;
    this.steps.push(step);
    running.last = this.#perform(step);
  }

  #perform(step: Step): StepResult {
    switch (step.type) {
      case "disk": {
        const result = perform(this.#disk, step.op, this.steps.length);
        if (!result.ok && step.onError !== "ignore") this.failure = result.errno;
        return { type: "disk", result };
      }
      case "read":
        return readStep(this.#disk, step);
      case "release": {
        const leaving = this.#held.filter(({ ticket }) => ticket <= step.upTo);
        this.#held = this.#held.filter(({ ticket }) => ticket > step.upTo);
        for (const { message } of leaving) this.#onRelease(message);
        break;
      }
      case "tell-actor":
        this.#note(step.actor, step.note);
        break;
      case "recovered":
        this.recovered = step.recovered;
        break;
      case "fail":
        this.failure = `${step.name}: ${step.text}`;
        break;
      case "tell-server":
      case "memory":
      case "work":
      case "notice":
        break;
    }
    return { type: "none" };
  }

  #find(id: string): Running {
    const running = this.#running.find(({ actor }) => actor.id === id);
    if (running === undefined) throw new Error(`${this.#system.id} has no actor ${id}`);
    return running;
  }

  #memoryOf(process: string): ProcessMemory {
    let memory = this.#memories[process];
    if (memory === undefined) {
      memory = {};
      this.#memories[process] = memory;
    }
    return memory;
  }

  #choose(below: number): number {
    this.#drawn += 1;
    return scale(draw(this.#seed, `life/${this.#drawn}`), 0, below - 1);
  }
}
