import { create } from "zustand";
import type { DiskFrame, ServerFrame } from "#sim/frame.ts";
import { useRun } from "#ui/run-store.ts";
import type { Session, Study } from "#ui/session.ts";
import { counted, grouped, verdictText } from "#view/sweep-words.ts";
import type {
  Compared,
  MeterRow,
  NotchReport,
  Side,
  SweepAsk,
  SweepReport,
} from "#worker/protocol.ts";

// What is being tried and what was found, whichever tab is open meanwhile.

export type Section = "states" | "inside" | "meter" | "fixes";
export type Kind = SweepAsk["kind"];
export type Policy = NonNullable<SweepAsk["policy"]>;

/** A moment of one side. */
export interface Moment {
  readonly side: Side;
  readonly step: number;
}

export interface Running {
  readonly done: number;
  readonly of: number;
  readonly text: string;
}

/** One question, asked again and again. */
export interface Trial<Found> {
  /** Null: nothing is under way. */
  readonly running: Running | null;
  readonly found: Found | null;
  /** Why there is nothing, in a sentence. */
  readonly problem: string | null;
}

export interface StatesFound extends Moment {
  readonly report: SweepReport;
  /** As they were then, to compare with. */
  readonly servers: readonly ServerFrame[];
}

export interface InsideFound extends Moment {
  /** The step of the event: the one asked for, or an earlier one when no machine does anything in it. */
  readonly event: number;
  readonly kind: Kind;
  readonly notches: readonly NotchReport[];
}

export interface MeterFound {
  readonly machine: string;
  /** One or two designs, left to right. */
  readonly designs: readonly (Moment & {
    readonly title: string;
    readonly rows: readonly MeterRow[];
  })[];
}

export interface FixesFound extends Moment {
  readonly ask: SweepAsk;
  readonly presets: readonly Compared[];
}

interface TrialState {
  readonly section: Section;
  /** Null: those of the selected servers. */
  readonly machines: readonly string[] | null;
  readonly kind: Kind;
  /** Null: each disk's own. */
  readonly policy: Policy | null;
  readonly most: number;
  readonly states: Trial<StatesFound>;
  readonly inside: Trial<InsideFound>;
  readonly meter: Trial<MeterFound>;
  readonly fixes: Trial<FixesFound>;
  /** What waits in the page cache, by machine, for the words of what an outcome keeps. */
  readonly disks: Readonly<Record<string, DiskFrame>>;
  /** What was last made the run, in a sentence. */
  readonly made: string | null;
  /** For those who listen. */
  readonly said: string;
}

const NOTHING = { running: null, found: null, problem: null };
/** What a look at many disks may cost each of them. */
const METER_MOST = 2_000;
/** What a look at many versions may cost each machine of each of them. */
const FIXES_MOST = 2_000;

export const useTrials = create<TrialState>(() => ({
  section: "states",
  machines: null,
  kind: "power",
  policy: null,
  most: 20_000,
  states: NOTHING,
  inside: NOTHING,
  meter: NOTHING,
  fixes: NOTHING,
  disks: {},
  made: null,
  said: "",
}));

/** What is found out is about the run as it was: when that is replaced, it says nothing any more. */
useRun.subscribe((state, old) => {
  if (state.outlines === old.outlines) return;
  for (const section of under.keys()) cancelTrial(section);
  if (state.run !== old.run) useTrials.setState({ machines: null });
  useTrials.setState(({ states, inside, meter, fixes }) => ({
    states: { ...NOTHING, problem: states.problem },
    inside: { ...NOTHING, problem: inside.problem },
    meter: { ...NOTHING, problem: meter.problem },
    fixes: { ...NOTHING, problem: fixes.problem },
    disks: {},
    made: null,
  }));
});

interface Cancellable {
  cancel(): void;
}
const under = new Map<Section, Cancellable>();

export function cancelTrial(section: Section): void {
  under.get(section)?.cancel();
}

export async function tryStates(session: Session, at: Moment, ask: SweepAsk): Promise<void> {
  const servers = useRun.getState().views[at.side]?.frame.servers ?? [];
  const text = `crash states of ${ask.machines.join(", ")}`;
  const answer = await follow("states", text, (onProgress) =>
    session.study({ type: "sweep", ...at, ask }, "swept", onProgress),
  );
  if (answer === null) return;
  const { report } = answer;
  useTrials.setState({
    states: { ...NOTHING, found: { ...at, report, servers } },
    disks: {},
    said: verdictText(report),
  });
}

export async function tryInside(session: Session, at: Moment, kind: Kind): Promise<void> {
  const answer = await follow("inside", `the event of step ${at.step}`, (onProgress) =>
    session.study({ type: "notches", ...at, kind }, "notches", onProgress),
  );
  if (answer === null) return;
  const { notches, step: event } = answer;
  const unsafe = notches.filter(({ verdict }) => verdict === "unsafe").length;
  useTrials.setState({
    inside: { ...NOTHING, found: { ...at, event, kind, notches } },
    said: `${counted(notches.length, "place")} inside the event of step ${event}, ${unsafe} unsafe.`,
  });
}

/** Measures one design, or two beside each other. */
export async function measure(
  session: Session,
  machine: string,
  sides: readonly (Moment & { readonly title: string })[],
): Promise<void> {
  const designs = [];
  for (const { title, ...at } of sides) {
    const answer = await follow("meter", `${machine}, ${title}`, (onProgress) =>
      session.study({ type: "meter", ...at, machine, most: METER_MOST }, "meter", onProgress),
    );
    if (answer === null) return;
    designs.push({ ...at, title, rows: answer.rows });
  }
  const bad = designs.map(({ rows }) => rows.filter((row) => row.bad > 0).length);
  useTrials.setState({
    meter: { ...NOTHING, found: { machine, designs } },
    said: `Measured: bad under ${bad.join(" and under ")} of ${designs[0]?.rows.length ?? 0} disks.`,
  });
}

/** The same crash under every preset of the system. */
export async function compareFixes(session: Session, at: Moment, asked: SweepAsk): Promise<void> {
  const ask = { ...asked, most: Math.min(asked.most, FIXES_MOST) };
  const text = `every version, ${ask.machines.join(", ")}`;
  const answer = await follow("fixes", text, (onProgress) =>
    session.study({ type: "compare", ...at, ask }, "compared", onProgress),
  );
  if (answer === null) return;
  const { presets } = answer;
  useTrials.setState({
    fixes: { ...NOTHING, found: { ...at, ask, presets } },
    said: `Compared: ${counted(presets.length, "version")}.`,
  });
}

/** Those who listen hear no more often than so how far it is. Milliseconds. */
const SAY_MS = 3_000;

/** The answer of a study, whose progress is shown meanwhile; null: cancelled, or refused, which is shown then. */
async function follow<Wanted extends "swept" | "compared" | "meter" | "notches">(
  section: Section,
  text: string,
  start: (
    onProgress: (progress: Pick<Running, "done" | "of"> & { text?: string }) => void,
  ) => Study<Wanted>,
) {
  cancelTrial(section);
  const begun = { done: 0, of: 0, text };
  const { [section]: trial, made } = useTrials.getState();
  useTrials.setState({
    [section]: { ...trial, running: begun, problem: null },
    // Events are taken apart by themselves: that is no reason to take back what was told.
    made: section === "inside" ? made : null,
    said: `Trying ${text}.`,
  });
  let heard = performance.now();
  const study = start((progress) => {
    if (under.get(section) !== study) return;
    const running = { done: progress.done, of: progress.of, text: progress.text ?? text };
    useTrials.setState((state) => ({ [section]: { ...state[section], running } }));
    if (performance.now() - heard < SAY_MS) return;
    heard = performance.now();
    useTrials.setState({
      said: `${grouped(running.done)} ${section === "fixes" ? "versions" : "recoveries"} so far.`,
    });
  });
  under.set(section, study);
  const { found, problem } = await study.end;
  if (under.get(section) !== study) return null;
  under.delete(section);
  if (found !== null) return found;
  useTrials.setState((state) => ({
    [section]: { ...state[section], running: null, problem },
    said: problem ?? "Cancelled.",
  }));
  return null;
}

/** Reads what waits on a machine's disk, for the words of what an outcome keeps. */
export async function readDisk(
  session: Session,
  { side, step }: Moment,
  machine: string,
  kind: Kind,
): Promise<void> {
  if (useTrials.getState().disks[machine] !== undefined) return;
  const disk = await session.disk(side, machine, step, kind);
  if (disk === null) return;
  useTrials.setState(({ disks }) => ({ disks: { ...disks, [machine]: disk } }));
}
