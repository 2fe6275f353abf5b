import { cloneDisk } from "#disk/disk.ts";
import { entryAt } from "#raft/log.ts";
import { majority } from "#raft/quorum.ts";
import type { ServerId, ServerMemory } from "#raft/types.ts";
import { recoverOn, type ServerAt, serverOf } from "#sim/recovery.ts";
import { byBadness, weightiest } from "./blame.ts";
import { type Block, type Tally, type Verdict, type Vote, verdictOf } from "./cluster-words.ts";
import { type MachineJob, witnessOf, wrongsOf } from "./machine-sweep.ts";
import { neutralIdOf } from "./outcomes.ts";
import type { Scene, SettledEntry } from "./scene.ts";
import type { ClusterRow, ClusterSweep, Family } from "./types.ts";

type Memory = ServerMemory | null;

/** What all combinations so far with the same figures have in common, and one of them. */
interface Combined extends Tally {
  count: bigint;
  readonly witness: ClusterRow["witness"];
}

/**
 * All combinations of what crashes of several machines may leave. Servers on other machines count as they are. Nothing is
 * run: what is told is who boots, what each still has, and what a quorum could do with that.
 */
export function clusterOf(scene: Scene, jobs: readonly MachineJob[]): ClusterSweep {
  const others = scene.servers
    .filter(({ machine }) => jobs.every((job) => job.machine !== machine))
    .map((server): Standing => {
      const id = server.patient.server;
      const memory = memoryOf(scene, server);
      const robbed = scene.troubles.get(id)?.robbed === true;
      const refuses = memory === null && isRefusing(scene, server);
      const family = refuses ? "unavailable-by-design" : robbed ? "assumption-broken" : null;
      return { server: id, memory, family };
    });
  const bystanders = others.map(({ memory }) => memory);
  const blocks = blocksOf(scene.settled, bystanders, jobs);
  const votes = votesOf(scene, jobs);
  const start: Combined = {
    ...countsOf(others, blocks, votes),
    dead: deadOf(others),
    forgotten: [],
    count: 1n,
    witness: {},
  };
  let combined: readonly Combined[] = [start];
  for (const job of jobs)
    combined = combine(combined, signaturesOf(scene, job, blocks, votes), job.machine);
  const all = jobs.reduce((product, { classes }) => product * BigInt(classes.size), 1n);
  const { rows, bad, excused } = rowsOf(combined, blocks, votes, scene.servers.length);
  return {
    combinations: all.toString(),
    distinct: distinctOf(scene, jobs).toString(),
    bad: bad.toString(),
    excused: excused.toString(),
    rows,
  };
}

function rowsOf(
  combined: readonly Combined[],
  blocks: readonly Block[],
  votes: readonly Vote[],
  servers: number,
): { readonly rows: readonly ClusterRow[]; readonly bad: bigint; readonly excused: bigint } {
  const quorum = majority(servers);
  const kinds = new Map<string, Row>();
  let bad = 0n;
  let excused = 0n;
  for (const { count, witness, ...tally } of combined) {
    const verdict = verdictOf(tally, blocks, votes, servers, quorum);
    if (verdict.family === "violation") bad += count;
    else if (verdict.family !== null) excused += count;
    const known = kinds.get(verdict.kind);
    if (known === undefined) {
      kinds.set(verdict.kind, { verdict, count, witness, isAlways: true });
      continue;
    }
    known.count += count;
    const [one, other] = [known.verdict.lost, verdict.lost];
    if (one === null || other === null) continue;
    if (one.first !== other.first || one.last !== other.last) known.isAlways = false;
    if (other.first < one.first) Object.assign(known, { verdict, witness });
  }
  const rows = [...kinds.values()]
    .sort((a, b) => byBadness(a.verdict.family, b.verdict.family) || (a.count < b.count ? 1 : -1))
    .map(({ verdict, count, witness, isAlways }) => ({
      good: verdict.family === null,
      family: verdict.family,
      text: verdict.text(verdict.lost, isAlways),
      combinations: count.toString(),
      witness,
    }));
  return { rows, bad, excused };
}

/** Combinations of one kind; the witness is one of the worst. */
interface Row {
  verdict: Verdict;
  count: bigint;
  witness: ClusterRow["witness"];
  isAlways: boolean;
}

/** Adds a machine. Combinations with the same figures are kept as one. */
function combine(
  combined: readonly Combined[],
  signatures: readonly Combined[],
  machine: string,
): readonly Combined[] {
  const sums = new Map<string, Combined>();
  for (const one of combined) {
    for (const other of signatures) {
      const sum: Tally = {
        held: one.held.map((count, i) => count + (other.held[i] as number)),
        robbed: one.robbed.map((count, i) => count + (other.robbed[i] as number)),
        spoiled: one.spoiled.map((count, i) => count + (other.spoiled[i] as number)),
        free: one.free.map((count, i) => count + (other.free[i] as number)),
        dead: [...one.dead, ...other.dead],
        forgotten: [...one.forgotten, ...other.forgotten],
      };
      const count = one.count * other.count;
      const key = keyOf(sum);
      const known = sums.get(key);
      if (known !== undefined) known.count += count;
      else {
        const witness = { ...one.witness, [machine]: other.witness[machine] ?? [] };
        sums.set(key, { ...sum, count, witness });
      }
    }
  }
  return [...sums.values()];
}

/** The outcomes of a machine by what a static verdict needs to know of them. */
function signaturesOf(
  scene: Scene,
  job: MachineJob,
  blocks: readonly Block[],
  votes: readonly Vote[],
): readonly Combined[] {
  const signatures = new Map<string, Combined>();
  for (const found of job.classes.values()) {
    const { memories, forgotten } = found.judgement;
    const wrongs = wrongsOf(job, found);
    const standings = [...memories].map(([server, memory]): Standing => {
      const own = wrongs.filter((wrong) => wrong.server === server);
      const robbed = scene.troubles.get(server)?.robbed === true ? "assumption-broken" : null;
      return { server, memory, family: weightiest(own.map(({ family }) => family)) ?? robbed };
    });
    const tally: Tally = {
      ...countsOf(standings, blocks, votes),
      dead: deadOf(standings),
      forgotten: standings.flatMap(({ server, family }) =>
        (forgotten.get(server) ?? []).flatMap(({ what }) =>
          what === "log" ? [] : [{ server, what, family: family ?? "violation" }],
        ),
      ),
    };
    const key = keyOf(tally);
    const known = signatures.get(key);
    if (known !== undefined) {
      known.count += 1n;
      continue;
    }
    const kept = witnessOf(job, found);
    signatures.set(key, { ...tally, count: 1n, witness: { [job.machine]: kept } });
  }
  return [...signatures.values()];
}

function keyOf({ held, robbed, spoiled, free, dead, forgotten }: Tally): string {
  return JSON.stringify([held, robbed, spoiled, free, dead, forgotten]);
}

/** A server after its boot, and who answers for what is wrong with it; null: nothing is, or nobody but itself. */
interface Standing {
  readonly server: ServerId;
  readonly memory: Memory;
  readonly family: Family | null;
}

function countsOf(
  standings: readonly Standing[],
  blocks: readonly Block[],
  votes: readonly Vote[],
): Pick<Tally, "held" | "robbed" | "spoiled" | "free"> {
  const lacking = (by: Family): number[] => {
    const excused = standings.filter(({ family }) => family === by);
    return blocks.map(({ entry }) => excused.filter(({ memory }) => !holds(memory, entry)).length);
  };
  return {
    held: blocks.map(({ entry }) => standings.filter(({ memory }) => holds(memory, entry)).length),
    robbed: lacking("assumption-broken"),
    spoiled: lacking("unavailable-by-design"),
    free: votes.map((vote) => standings.filter(({ memory }) => mayVote(memory, vote)).length),
  };
}

function deadOf(standings: readonly Standing[]): Tally["dead"] {
  return standings.flatMap(({ server, memory, family }) =>
    memory === null ? [{ server, family: family ?? "violation" }] : [],
  );
}

/** Is its medium damaged, so that it need not boot? */
function isRefusing({ disks }: Scene, { machine }: ServerAt): boolean {
  const disk = disks.get(machine);
  return disk !== undefined && disk.rotten.size + disk.unreadable.size > 0;
}

/** Settled entries, those together that are kept or lost together in every outcome. */
function blocksOf(
  settled: readonly SettledEntry[],
  bystanders: readonly Memory[],
  jobs: readonly MachineJob[],
): readonly Block[] {
  const memories = [
    ...bystanders,
    ...jobs.flatMap(({ classes }) =>
      [...classes.values()].flatMap(({ judgement }) => [...judgement.memories.values()]),
    ),
  ];
  const blocks: { entry: SettledEntry; last: number; pattern: string }[] = [];
  for (const entry of settled) {
    const pattern = memories.map((memory) => (holds(memory, entry) ? "1" : "0")).join("");
    const before = blocks.at(-1);
    const isSame = before?.pattern === pattern && before.entry.acknowledged === entry.acknowledged;
    if (before !== undefined && isSame) before.last = entry.index;
    else blocks.push({ entry, last: entry.index, pattern });
  }
  return blocks.map(({ entry, last }) => ({ entry, last }));
}

/** Votes that were promised and that some outcome does not remember. */
function votesOf({ promises }: Scene, jobs: readonly MachineJob[]): readonly Vote[] {
  const votes = new Map<string, Vote>();
  for (const { classes } of jobs) {
    for (const { judgement } of classes.values()) {
      for (const [server, lost] of judgement.forgotten) {
        const promised = promises.get(server);
        if (promised === undefined || promised.votedFor === null) continue;
        if (!lost.some(({ what }) => what !== "log")) continue;
        const { term, votedFor: candidate } = promised;
        const given = [...promises.values()].filter(
          (each) => each.term === term && each.votedFor === candidate,
        ).length;
        votes.set(`${term} ${candidate}`, { term, candidate, given });
      }
    }
  }
  return [...votes.values()].sort((a, b) => a.term - b.term);
}

function holds(memory: Memory, { index, term }: SettledEntry): boolean {
  if (memory === null) return false;
  return index <= memory.log.baseIndex || entryAt(memory.log, index)?.term === term;
}

/** May this server vote for another candidate in that term? */
function mayVote(memory: Memory, { term }: Vote): boolean {
  if (memory === null) return false;
  const { currentTerm, votedFor } = memory;
  return currentTerm < term || (currentTerm === term && votedFor === null);
}

/** A server on a machine that goes on: as it is, or as its next boot would make it. */
function memoryOf({ system, disks }: Scene, server: ServerAt): Memory {
  if (server.memory !== null) return server.memory;
  const disk = disks.get(server.machine);
  const outcome = disk === undefined ? null : recoverOn(system, cloneDisk(disk), server.patient);
  return outcome?.ok === true ? serverOf(system, server.patient, outcome.recovered) : null;
}

/**
 * How many combinations there are when followers that stand for each other are not told apart: g machines with the same
 * k outcomes have as many as there are ways to draw g of k, with repetition and without order.
 */
function distinctOf(scene: Scene, jobs: readonly MachineJob[]): bigint {
  const groups = new Map<string, { readonly classes: number; machines: number }>();
  for (const job of jobs) {
    const ids = [...job.classes.values()].map(({ recovered }) =>
      neutralIdOf(recovered, job.patients),
    );
    const leads = job.patients.some(({ server }) => isLeader(scene, server));
    const key = leads ? `leader ${job.machine}` : ids.sort().join(" ");
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { classes: job.classes.size, machines: 1 });
    else known.machines += 1;
  }
  let product = 1n;
  for (const { classes, machines } of groups.values()) {
    let ways = 1n;
    for (let i = 0; i < machines; i++) ways = (ways * BigInt(classes + i)) / BigInt(i + 1);
    product *= ways;
  }
  return product;
}

function isLeader({ servers }: Scene, id: ServerId): boolean {
  return servers.some(({ patient, memory }) => patient.server === id && memory?.role === "leader");
}
