import { type Forgotten, forgottenBy, type Promised } from "#audit/promises.ts";
import { brief } from "#base/brief.ts";
import { addInteger, addPlain, createDigest, digestText } from "#base/digest.ts";
import { entriesFrom, firstIndex, type Log, lastIndex } from "#raft/log.ts";
import type { Recovered } from "#raft/protocol.ts";
import type { Entry, ServerId, ServerMemory, StateImage } from "#raft/types.ts";
import {
  type Application,
  applicationDigest,
  applicationFrom,
  applyEntry,
  createApplication,
  Decoder,
} from "#sim/application.ts";
import { type Patient, type Outcome as Recovery, serverOf } from "#sim/recovery.ts";
import type { Finding } from "./blame.ts";
import { fateOf, type ToldFate, worstFate } from "./classify.ts";
import { patientsOn, type Scene, type Written } from "./scene.ts";
import { settledLost } from "./settled.ts";
import type { RecoveredServer } from "./types.ts";

const FORGETS: Readonly<Record<Forgotten["what"], string>> = {
  term: "forgets its term",
  vote: "forgets its vote",
  log: "forgets entries that it had acknowledged",
};

/** One thing that recovery makes of a machine's files, judged by what its servers had promised. */
export interface Judgement {
  readonly id: string;
  readonly text: string;
  readonly servers: readonly RecoveredServer[];
  readonly fate: ToldFate;
  readonly wrongs: readonly Finding[];
  /** By server: it as it would be after its boot; null: it does not boot. */
  readonly memories: ReadonlyMap<ServerId, ServerMemory | null>;
  /** By server: what it no longer knows. */
  readonly forgotten: ReadonlyMap<ServerId, readonly Forgotten[]>;
}

/** Equal for equal outcomes: a digest of what each server recovered, or of how it failed. */
export function idOf(recoveries: readonly Recovery[]): string {
  const digest = createDigest();
  for (const recovery of recoveries) {
    if (!recovery.ok) {
      addPlain(digest, { name: recovery.name, text: recovery.text });
      continue;
    }
    const { currentTerm, votedFor, log, commitIndex, extra, state } = recovery.recovered;
    addPlain(digest, { currentTerm, votedFor, commitIndex, extra });
    if (state !== undefined) addPlain(digest, state);
    addPlain(digest, { baseIndex: log.baseIndex, baseTerm: log.baseTerm, length: log.length });
    for (let i = 0; i < log.length; i++) {
      const lanes = lanesOf(log.entries[i] as Entry);
      addInteger(digest, lanes.high);
      addInteger(digest, lanes.low);
    }
  }
  return digestText(digest);
}

/** Equal for outcomes that differ in nothing but the names of their servers' directories. */
export function neutralIdOf(recoveries: readonly Recovery[], patients: readonly Patient[]): string {
  return idOf(
    recoveries.map((recovery, i) => {
      const directory = patients[i]?.directory ?? "";
      if (recovery.ok || directory === "") return recovery;
      return { ...recovery, text: recovery.text.replaceAll(directory, "") };
    }),
  );
}

// Entries are immutable, and recoveries that part late share most of them.
const lanes = new WeakMap<Entry, { readonly high: number; readonly low: number }>();

function lanesOf(entry: Entry): { readonly high: number; readonly low: number } {
  let known = lanes.get(entry);
  if (known === undefined) {
    const digest = createDigest();
    addPlain(digest, entry);
    known = digest;
    lanes.set(entry, known);
  }
  return known;
}

export function judge(scene: Scene, machine: string, recoveries: readonly Recovery[]): Judgement {
  const servers: RecoveredServer[] = [];
  const wrongs: Finding[] = [];
  const fates: ToldFate[] = [];
  const memories = new Map<ServerId, ServerMemory | null>();
  const forgotten = new Map<ServerId, readonly Forgotten[]>();
  for (const [index, patient] of patientsOn(scene, machine).entries()) {
    const recovery = recoveries[index];
    if (recovery === undefined) continue;
    const { server } = patient;
    const before =
      scene.servers.find(({ patient: each }) => each.server === server)?.memory ?? null;
    if (recovery.ok) {
      const memory = serverOf(scene.system, patient, recovery.recovered);
      memories.set(server, memory);
      const strange = strangeIn(memory.log, scene.written.get(server));
      servers.push(recoveredServer(memory, strange));
      const lost = newlyForgotten(scene.promises.get(server), memory, before);
      forgotten.set(server, lost);
      for (const { what, text } of lost) {
        wrongs.push({ check: "C8", server, text: `${server} ${text}.`, reason: FORGETS[what] });
      }
      wrongs.push(...garbageOf(server, strange, scene.promises.get(server)));
      wrongs.push(...disorderOf(memory));
      const misapplied = misappliedOf(scene, server, recovery.recovered);
      wrongs.push(...misapplied);
      const { fate, because } = fateOf({
        ...{ memory, strange, forgotten: lost, isMisapplied: misapplied.length > 0 },
        lost: settledLost(scene, before, memory),
        promisedTo: scene.promises.get(server)?.log?.index ?? 0,
        highestTerm: scene.highestTerm ?? null,
        obstacle: scene.system.obstacle?.(memory) ?? null,
      });
      fates.push({ fate, because: because === null ? null : `${server} ${because}.` });
    } else {
      memories.set(server, null);
      servers.push(deadServer(server, recovery));
      const reason = `does not boot: ${failureText(recovery)}`;
      fates.push({ fate: "refuses", because: `${server} ${reason}.` });
      wrongs.push({ check: "C16", server, text: `${server} ${reason}.`, reason });
    }
  }
  const text = resultText(scene, machine, recoveries);
  const fate = worstFate(fates);
  return { id: idOf(recoveries), text, servers, fate, wrongs, memories, forgotten };
}

/** What a server has forgotten that it knew right before the crash. */
function newlyForgotten(
  promised: Promised | undefined,
  memory: ServerMemory,
  before: ServerMemory | null,
): readonly Forgotten[] {
  const lost = forgottenBy(promised, keptBy(memory));
  if (lost.length === 0 || before === null) return lost;
  const old = forgottenBy(promised, keptBy(before));
  return lost.filter(({ text }) => !old.some((each) => each.text === text));
}

function keptBy({ currentTerm, votedFor, log }: ServerMemory): Parameters<typeof forgottenBy>[1] {
  return { currentTerm, votedFor, baseIndex: log.baseIndex, entries: entriesOf(log) };
}

/** C12: base <= applied <= committed <= last. */
function disorderOf({
  id: server,
  commitIndex,
  lastApplied,
  log,
}: ServerMemory): readonly Finding[] {
  const last = lastIndex(log);
  const wrongs: Finding[] = [];
  const wrong = (reason: string, text: string): void => {
    wrongs.push({ check: "C12", server, text, reason });
  };
  if (commitIndex > last) {
    wrong(
      "takes entries for committed that it does not have",
      `${server} takes entries up to ${commitIndex} for committed, and has none after ${last}.`,
    );
  }
  if (lastApplied > commitIndex) {
    wrong(
      "has applied more than it takes for committed",
      `${server} has applied entries up to ${lastApplied}, and takes ${commitIndex} for the last committed one.`,
    );
  }
  if (lastApplied < log.baseIndex) {
    wrong(
      "has a gap between what it applied and its log",
      `${server} has applied entries up to ${lastApplied}, and its log begins after ${log.baseIndex}.`,
    );
  }
  return wrongs;
}

/** C15: a state machine that was kept is what the log comes to up to where it says it has come. */
function misappliedOf(scene: Scene, server: ServerId, recovered: Recovered): readonly Finding[] {
  const { state } = recovered;
  const expected = state === undefined ? null : appliedIn(scene, server, recovered, state);
  if (state === undefined || expected === null) return [];
  const found = applicationFrom(state);
  if (applicationDigest(found) === applicationDigest(expected)) return [];
  const where = differenceIn(found, expected);
  const text = `${server} takes its state machine for that of entry ${state.lastApplied}, and it is another one${where}.`;
  return [{ check: "C15", server, text, reason: "has a state machine that its log never came to" }];
}

/** What its log comes to up to there; null: the log begins too late for anybody to tell. */
function appliedIn(
  { system, written }: Scene,
  server: ServerId,
  { log }: Recovered,
  { lastApplied }: StateImage,
): Application | null {
  const application = createApplication();
  const decoder = new Decoder(system.machine);
  for (let index = 1; index <= lastApplied; index++) {
    const held = written.get(server)?.get(index) ?? [];
    const given = held.length === 1 ? held[0] : undefined;
    const entry = index > log.baseIndex ? log.entries[index - log.baseIndex - 1] : given;
    if (entry === undefined || index > lastIndex(log)) return null;
    applyEntry(application, entry, decoder.decode(entry));
  }
  return application;
}

/** ": x is 3 and should be 2" */
function differenceIn({ values: found }: Application, { values: expected }: Application): string {
  const keys = [...new Set([...found.keys(), ...expected.keys()])].sort();
  const key = keys.find((each) => found.get(each)?.value !== expected.get(each)?.value);
  if (key === undefined) return "";
  return `: ${brief(key)} is ${valueIn(found, key)} and should be ${valueIn(expected, key)}`;
}

function valueIn(values: Application["values"], key: string): string {
  const value = values.get(key)?.value;
  return value === undefined ? "absent" : brief(value);
}

function recoveredServer(
  { id: server, currentTerm, votedFor, log }: ServerMemory,
  strange: readonly Entry[],
): RecoveredServer {
  const garbled = strange.map(({ index }) => index);
  return { server, failure: null, currentTerm, votedFor, log: stretchesOf(log), garbled };
}

/** Entries that the server's log had never held in memory. */
function strangeIn(log: Log, written: Written | undefined): readonly Entry[] {
  if (written === undefined) return [];
  return entriesOf(log).filter((entry) => {
    const known = written.get(entry.index) ?? [];
    return !known.some(({ term, command }) => {
      return (
        term === entry.term && (command === entry.command || sameBytes(command, entry.command))
      );
    });
  });
}

/** Those that were promised, and those that were not and would be sent to others all the same. */
function garbageOf(
  server: ServerId,
  strange: readonly Entry[],
  promised: Promised | undefined,
): readonly Finding[] {
  const last = promised?.log?.index ?? 0;
  const kept = strange.filter(({ index }) => index <= last);
  const others = strange.filter(({ index }) => index > last);
  const wrongs: Finding[] = [];
  if (kept.length > 0) {
    wrongs.push({
      ...{ check: "C8", server, reason: "holds entries with other bytes than were written" },
      text: `${server} holds ${namesOf(kept)} with other bytes than were written.`,
    });
  }
  if (others.length > 0) {
    const [noun, verb] = others.length === 1 ? ["a record", "was"] : ["records", "were"];
    wrongs.push({
      ...{ check: "C4", server, reason: "believes records that were never whole" },
      text: `${server} believes ${noun} that ${verb} never whole: ${namesOf(others)}.`,
    });
  }
  return wrongs;
}

function namesOf(entries: readonly Entry[]): string {
  const more = entries.length - 1;
  return `entry ${entries[0]?.index ?? 0}${more === 0 ? "" : ` and ${more} more`}`;
}

function deadServer(server: ServerId, failed: Recovery & { readonly ok: false }): RecoveredServer {
  return {
    server,
    failure: failureText(failed),
    currentTerm: 0,
    votedFor: null,
    log: [],
    garbled: [],
  };
}

function stretchesOf(log: Log): RecoveredServer["log"] {
  const stretches: { readonly term: number; readonly from: number; to: number }[] = [];
  for (const { index, term } of entriesOf(log)) {
    const last = stretches.at(-1);
    if (last?.term === term) last.to = index;
    else stretches.push({ term, from: index, to: index });
  }
  return stretches;
}

/** "A: term 6, vote for B, entries 1..42" */
export function resultText(scene: Scene, machine: string, recoveries: readonly Recovery[]): string {
  const patients = patientsOn(scene, machine);
  return recoveries.map((each, i) => describe(scene, patients[i]?.server ?? "?", each)).join("; ");
}

function describe(scene: Scene, name: ServerId, recovery: Recovery): string {
  if (!recovery.ok) return `${name}: does not boot, ${failureText(recovery)}`;
  const { currentTerm, votedFor, log } = recovery.recovered;
  const before = scene.servers.find(({ patient }) => patient.server === name)?.memory ?? null;
  const parts = [
    `term ${currentTerm}`,
    votedFor === null ? "no vote" : `vote for ${votedFor}`,
    rangeText(log),
    ...alteredText(log, before),
    ...extraText(recovery.recovered),
    ...stateText(recovery.recovered),
  ];
  return `${name}: ${parts.join(", ")}`;
}

function rangeText(log: Log): string {
  const [first, last] = [firstIndex(log), lastIndex(log)];
  if (log.length === 0) return log.baseIndex === 0 ? "no entries" : `no entries after ${last}`;
  return first === last ? `entry ${first}` : `entries ${first}..${last}`;
}

/** Entries that are not those the server had. */
function alteredText(log: Log, before: ServerMemory | null): readonly string[] {
  if (before === null) return [];
  const altered = entriesOf(log).filter(({ index, term, command }) => {
    const old = before.log.entries[index - before.log.baseIndex - 1];
    if (old === undefined || index > lastIndex(before.log)) return false;
    return old.term !== term || !sameBytes(old.command, command);
  });
  const [first] = altered;
  if (first === undefined) return [];
  const count = altered.length === 1 ? "" : ` and ${altered.length - 1} more`;
  return [`entry ${first.index}${count} not as it was written`];
}

function extraText({ commitIndex, extra }: Recovered): readonly string[] {
  const parts = commitIndex > 0 ? [`commit index ${commitIndex}`] : [];
  for (const [name, value] of Object.entries(extra)) {
    if (value !== null && value !== commitIndex) parts.push(`${name} ${value}`);
  }
  return parts;
}

/** "x = 3 after entry 4" */
function stateText({ state }: Recovered): readonly string[] {
  if (state === undefined) return [];
  const [first, ...rest] = state.values.map(({ key, value }) => `${brief(key)} = ${brief(value)}`);
  const more = rest.length === 0 ? "" : ` and ${rest.length} more`;
  return [`${first ?? "an empty map"}${more} after entry ${state.lastApplied}`];
}

export function failureText({ name, text }: Recovery & { readonly ok: false }): string {
  return text === "" ? name : `${name}: ${text.replace(/[.]$/, "")}`;
}

function entriesOf(log: Log): readonly Entry[] {
  return entriesFrom(log, firstIndex(log));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
