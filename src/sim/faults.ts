import type { CrashKind, DiskFault, DiskSettings, Survivors } from "#disk/types.ts";
import type { ClientOperation, Micros, ServerId } from "#raft/types.ts";
import type { RecordedStep } from "./recorded.ts";

/** Everything a run is given: with the same plan, tape and version every run has the same trace, everywhere. */
export interface Plan {
  readonly system: string;
  /** The bugs that are on. */
  readonly bugs: readonly string[];
  /** Overrides of the system's options, by name. */
  readonly options: Readonly<Record<string, number>>;
  readonly machines: readonly MachinePlan[];
  /** The members that servers with empty files are told of; left out: all servers. */
  readonly members?: readonly ServerId[];
  readonly network: NetworkPlan;
  /** Of every machine that has no other. */
  readonly disk: DiskPlan;
  readonly seed: number;
  /**
   * The tape: choices by the name of their cause. A missing one is drawn from the seed, one that is never asked for is
   * reported as unused.
   */
  readonly choices: Readonly<Record<string, number>>;
  readonly script: readonly ScriptAction[];
  /** The run ends here. Microseconds of virtual time. */
  readonly until: Micros;
  /** The run as it was recorded: it is told and not made, and the machines' disks are not known. Left out: the engine runs. */
  readonly recorded?: readonly RecordedStep[];
}

export interface MachinePlan {
  readonly id: string;
  /** Added to virtual time, microseconds. */
  readonly clockOffset: Micros;
  /** Parts per million that this clock is fast (positive) or slow. */
  readonly clockDrift: number;
  readonly servers: readonly ServerPlan[];
  /** Where this machine's disk differs from the others'. */
  readonly disk?: Partial<DiskPlan>;
  /** What lies on the disk before the first boot, durable; paths include the server's directory. */
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
}

export interface ServerPlan {
  readonly id: ServerId;
  /** Who dials whom may depend on it. */
  readonly address: string;
}

export interface NetworkPlan {
  /** One-way delay of a message, drawn between these. Microseconds. */
  readonly delayMin: Micros;
  readonly delayMax: Micros;
  /** Messages lost out of 1,000 (datagrams only). */
  readonly lossPerMille: number;
  /** Messages delivered twice out of 1,000 (datagrams only). */
  readonly duplicatePerMille: number;
}

export interface DiskPlan extends DiskSettings {
  /** How long a write and a sync take. Microseconds. */
  readonly writeTime: Micros;
  readonly syncTime: Micros;
  /** The crash kinds this scenario admits: durability is judged under these. */
  readonly admits: readonly CrashKind[];
}

/** When a scripted action happens. */
export type Anchor =
  /**
   * At a virtual time, after `order` events of that same time (default 0: before them). What is done by hand is recorded so.
   * `notch`: in the middle of the next event, once the machine's processes have taken so many micro-steps of it (an effect
   * of the protocol, a step of an actor); for crashes of that one machine only.
   */
  | {
      readonly type: "at";
      readonly time: Micros;
      readonly order: number;
      readonly notch?: number;
    }
  /**
   * After the `count`-th observation that matches, and `delay` later. `match` compares fields of the observation, with dots
   * for fields of fields: { type: "role", server: "A", to: "leader" }, { type: "send", "message.kind": "vote-reply" }.
   */
  | {
      readonly type: "when";
      readonly match: Readonly<Record<string, string | number | boolean | null>>;
      readonly count: number;
      readonly delay: Micros;
    };

export interface ScriptAction {
  readonly anchor: Anchor;
  readonly action: Action;
}

/** The same for every machine of the action, or each machine's own ("none" for one that is not named). */
export type ActionSurvivors =
  | Survivors
  | { readonly type: "by-machine"; readonly of: Readonly<Record<string, Survivors>> };

export type Action =
  | {
      readonly type: "boot";
      readonly machines: readonly string[];
      /** Each further machine this much later. */
      readonly stagger: Micros;
    }
  /** A graceful stop of the processes on these machines. */
  | { readonly type: "stop"; readonly machines: readonly string[] }
  | {
      readonly type: "crash";
      readonly machines: readonly string[];
      readonly kind: CrashKind;
      readonly survivors: ActionSurvivors;
    }
  /** Crash (or stop, when `kind` is null), and boot again after `down`, in this order, with stagger. */
  | {
      readonly type: "restart";
      readonly machines: readonly string[];
      readonly kind: CrashKind | null;
      readonly survivors: ActionSurvivors;
      readonly down: Micros;
      readonly stagger: Micros;
    }
  | { readonly type: "swap-disk"; readonly machine: string }
  | { readonly type: "disk-fault"; readonly machine: string; readonly fault: DiskFault }
  /** Cuts (or heals) messages from each of `from` to each of `to`; both ways when `bothWays`. */
  | {
      readonly type: "partition";
      readonly from: readonly ServerId[];
      readonly to: readonly ServerId[];
      readonly bothWays: boolean;
      readonly cut: boolean;
    }
  /** Heals every partition and lets held messages go. */
  | { readonly type: "heal" }
  /** Holds messages from one server to another, in order, until released. */
  | {
      readonly type: "hold";
      readonly from: ServerId;
      readonly to: ServerId;
      readonly on: boolean;
    }
  /** Makes messages between two servers slower by this much, until set back to 0. */
  | {
      readonly type: "slow";
      readonly from: ServerId;
      readonly to: ServerId;
      readonly by: Micros;
    }
  /** Loses one message in flight. */
  | { readonly type: "drop"; readonly message: number }
  /** Delivers one message in flight next. */
  | { readonly type: "deliver"; readonly message: number }
  /** Connection transports: connect or close now, whatever the retry rule says. */
  | {
      readonly type: "connect";
      readonly a: ServerId;
      readonly b: ServerId;
      readonly up: boolean;
    }
  | {
      readonly type: "client";
      readonly client: string;
      /** Null: whoever leads as far as the client knows: the lowest-named leader, else the first server that is up. */
      readonly server: ServerId | null;
      readonly operation: ClientOperation["type"];
      readonly key: string;
      readonly value: string;
      readonly expected: string | null;
    }
  /** The election timer of this server rings now. */
  | { readonly type: "timeout"; readonly server: ServerId }
  | {
      readonly type: "clock";
      readonly machine: string;
      readonly offset: Micros;
      readonly drift: number;
    }
  /** The kernel writes these pending effects (and what they need) to the platter; null: all. */
  | {
      readonly type: "write-back";
      readonly machine: string;
      readonly effects: readonly number[] | null;
    }
  | { readonly type: "narrate"; readonly text: string };
