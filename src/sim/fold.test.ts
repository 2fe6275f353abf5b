import fc from "fast-check";
import { expect, it } from "vitest";
import { buildFrame, cloneFold, createFold, type Fold, type Look, observeFold } from "./fold.ts";
import type { Frame, ServerFrame } from "./frame.ts";
import type { Happening } from "./observation.ts";
import {
  answers,
  appends,
  applies,
  asks,
  becomes,
  boots,
  commits,
  contents,
  cuts,
  enters,
  follows,
  look,
  loses,
  message,
  moment,
  plan,
  receives,
  recovers,
  sends,
  trace,
  votes,
} from "./trace.testkit.ts";

it("shows every server down before anything has happened", () => {
  const frame = buildFrame(createFold(plan()), look(), moment(0));
  expect(frame.servers.map(({ id, process }) => `${id} ${process}`)).toEqual([
    "A down",
    "B down",
    "C down",
  ]);
  expect(frame.feed).toEqual([]);
});

it("shows what lies on the disk of a server that is down", () => {
  const a = server("A", folded(), look({ A: "t2 vote=B log=1@1,2@2:x=1 commit=2" }));
  expect(a.durable).toEqual({
    currentTerm: 2,
    votedFor: "B",
    votedForKept: true,
    commitIndex: 2,
    lastIndex: 2,
    lastTerm: 2,
    refused: null,
  });
  expect(a.memory).toMatchObject({ currentTerm: null, votedForKept: false, lastIndex: 0 });
  expect(a.log.map(({ index, durability }) => `${index} ${durability}`)).toEqual([
    "1 durable",
    "2 durable",
  ]);
});

it("tells a vote that is not kept from one that was given to nobody", () => {
  const layers = server("A", folded(), look({ A: "log=1@1|t2" }));
  expect(layers.written.votedForKept).toBe(false);
  expect(layers.durable).toMatchObject({ votedForKept: true, votedFor: null });
});

it("is recovering between the power and the end of recovery", () => {
  expect(server("A", folded([boots("A")])).process).toBe("recovering");
  expect(server("A", folded([boots("A")], [recovers("A", "t3")])).process).toBe("up");
});

it("follows role, term, vote, leader and commit index", () => {
  const frame = server(
    "A",
    folded(
      [recovers("A", "t1 log=1@1,2@1:x=1")],
      [enters("A", 2), votes("A", "B"), follows("A", "B"), commits("A", 0, 2)],
    ),
  );
  expect(frame).toMatchObject({ role: "follower", leader: "B", commitIndex: 2, lastIndex: 2 });
  expect(frame.memory).toMatchObject({ currentTerm: 2, votedFor: "B", lastTerm: 1 });
});

it("forgets memory and state machine when power is lost", () => {
  const frame = server(
    "A",
    folded(
      [recovers("A", "t2 log=1@1:x=1"), commits("A", 0, 1), ...applies("A", "1@1:x=1")],
      [loses("A", 1)],
    ),
    look({ A: "t1" }),
  );
  expect(frame).toMatchObject({ process: "down", log: [], state: [], lastApplied: 0, timer: null });
  expect(frame.memory.currentTerm).toBeNull();
});

it("tells a machine that its system took down from one without power, and from one not yet on", () => {
  const dark: Look = { ...look(), power: () => "off" };
  const fold = folded([boots("A"), boots("B")], [loses("A", 0, 0, "os"), loses("B")]);
  const taken = (at: Fold, disks: Look) =>
    buildFrame(at, disks, moment(at.step)).machines.map(({ offBy }) => offBy);
  expect(taken(fold, dark)).toEqual(["os", "power", null]);
  expect(taken(fold, look())).toEqual([null, null, null]);
});

it("says of files why a server would not boot from them", () => {
  const problem = { path: "A/wal", offset: 0, reason: "the checksum does not match" };
  const disks = (isRefused: boolean): Look => ({
    ...look(),
    inspect: () => ({
      written: contents("t1"),
      durable: { ...contents(""), problems: [{ ...problem, isRefused }] },
    }),
  });
  expect(server("A", folded(), disks(true)).durable.refused).toBe("the checksum does not match");
  expect(server("A", folded(), disks(true)).written.refused).toBeNull();
  expect(server("A", folded(), disks(false)).durable.refused).toBeNull();
});

it("says with which error a process ended itself", () => {
  const failed: Happening = { type: "failed", server: "A", name: "struct.error", text: "unpack" };
  expect(server("A", folded([boots("A"), failed]))).toMatchObject({
    process: "failed",
    failure: "struct.error: unpack",
  });
});

it("draws an entry as durable, as written, or as in memory only", () => {
  const a = server(
    "A",
    folded([recovers("A", "t1"), appends("A", "1@1:x=1 2@1:x=2 3@1:x=3")]),
    look({ A: "t1 log=1@1:x=1,2@1:x=2|t1 log=1@1:x=1" }),
  );
  expect(a.log.map(({ durability }) => durability)).toEqual(["durable", "written", "memory"]);
});

it("does not take another command of the same index and term for the entry", () => {
  const a = server(
    "A",
    folded([recovers("A", "t1"), appends("A", "1@1:x=1")]),
    look({ A: "t1 log=1@1:x=9" }),
  );
  expect(a.log[0]?.durability).toBe("memory");
});

it("finds entries on a disk that begins later, or has a hole", () => {
  const a = server(
    "A",
    folded([recovers("A", "t1"), appends("A", "1@1:a=1 2@1:b=1 3@1:c=1 4@1:d=1")]),
    look({ A: "t1 log=2@1:b=1,4@1:d=1" }),
  );
  expect(a.log.map(({ durability }) => durability)).toEqual([
    "memory",
    "durable",
    "memory",
    "durable",
  ]);
});

it("shows the last entries of a long log", () => {
  const log = Array.from({ length: 100 }, (_, at) => `${at + 1}@1:x=${at}`).join(" ");
  const fold = folded([recovers("A", "t1"), appends("A", log)]);
  const frame = buildFrame(fold, look(), moment(1), 7).servers[0];
  expect(frame).toMatchObject({ firstIndex: 1, lastIndex: 100 });
  expect(frame?.log.map(({ index }) => index)).toEqual([94, 95, 96, 97, 98, 99, 100]);
});

it("keeps the state machine with the index that wrote each key", () => {
  const a = server(
    "A",
    folded([recovers("A"), ...applies("A", "1@1 2@1:y=1 3@1:x=1 4@1:y=2 5@1:x=")]),
  );
  expect(a.state).toEqual([{ key: "y", value: "2", index: 4 }]);
  expect(a).toMatchObject({ lastApplied: 5, stateDigest: "after 5" });
});

it("starts with an empty state machine in each life", () => {
  const a = server(
    "A",
    folded([recovers("A"), ...applies("A", "1@1:x=1")], [recovers("A", "life=2")]),
  );
  expect(a).toMatchObject({ state: [], incarnation: 2 });
});

it("has a message in flight from its send until it is received or lost", () => {
  const [one, two, three] = [1, 2, 3].map((id) =>
    sends(id, message("A>B append"), "durable", 9000),
  );
  if (!one || !two || !three) throw new Error("three were made");
  const fold = folded(
    [one, two, three],
    [receives(2, message("A>B append"))],
    [{ type: "drop", id: 3, message: message("A>B append"), reason: "loss" }],
  );
  expect(frame(fold).messages).toMatchObject([
    { id: 1, from: "A", to: "B", sent: 1000, arrives: 9000, promise: "durable" },
  ]);
});

it("lets no message fly that a server sends to itself", () => {
  expect(frame(folded([sends(1, message("A>A vote-reply"))])).messages).toEqual([]);
});

it("connects servers once their link is up", () => {
  const fold = createFold(plan(), "connection");
  expect(frame(fold).links.map(({ connected }) => connected)).toEqual([false, false, false]);
  observe(fold, [{ type: "link", a: "C", b: "A", up: true, reason: "" }]);
  expect(frame(fold).links.filter(({ connected }) => connected)).toMatchObject([
    { a: "A", b: "C" },
  ]);
});

it("needs no link for datagrams", () => {
  expect(frame(folded()).links.every(({ connected }) => connected)).toBe(true);
});

it("draws a wall one way or both ways", () => {
  const cut = (from: string, to: string, is: boolean): Happening => ({
    type: "partition",
    from,
    to,
    cut: is,
  });
  const fold = folded([cut("A", "B", true), cut("C", "B", true), cut("B", "C", true)]);
  expect(frame(fold).links).toMatchObject([
    { a: "A", b: "B", cutForward: true, cutBack: false },
    { a: "A", b: "C", cutForward: false, cutBack: false },
    { a: "B", b: "C", cutForward: true, cutBack: true },
  ]);
  observe(fold, [cut("A", "B", false)]);
  expect(frame(fold).links[0]).toMatchObject({ cutForward: false });
});

it("shows how much of the election timeout has passed on the machine's own clock", () => {
  const drawn: Happening = { type: "timer", server: "A", deadline: 50_400, timeout: 400 };
  const fold = folded([recovers("A"), drawn]);
  const at = (localTime: number) =>
    buildFrame(fold, look(), moment(1, localTime)).servers[0]?.timer;
  expect(at(50_100)).toEqual({ elapsed: 0.25, timeout: 400 });
  expect(at(60_000)).toEqual({ elapsed: 1, timeout: 400 });
});

it("counts messages that wait for a sync", () => {
  const held = (ticket: number): Happening => ({
    type: "held",
    server: "A",
    message: message("A>B vote-reply"),
    ticket,
  });
  const fold = folded([recovers("A"), held(1), held(2)]);
  expect(server("A", fold).held).toBe(2);
  observe(fold, [{ type: "release", server: "A", messages: 1 }]);
  expect(server("A", fold).held).toBe(1);
});

it("tells a step in sentences, with the votes that made a leader", () => {
  const fold = folded(
    [recovers("A"), recovers("C")],
    [becomes("A", "candidate"), enters("A", 1), votes("A", "A")],
    [receives(1, message("C>A vote-reply", { term: 1 })), becomes("A", "leader", "candidate")],
  );
  expect(frame(fold).feed.map(({ text, tone }) => [text, tone])).toEqual([
    ["A got the vote of C in term 1", "plain"],
    ["A became leader of term 1 with the votes of A and C", "good"],
  ]);
});

it("names a candidacy by its new term, whichever is told first", () => {
  expect(frame(folded([becomes("A", "candidate"), enters("A", 7, 6)])).feed[0]?.text).toBe(
    "A stands for election in term 7",
  );
});

it("does not count votes of an earlier candidacy", () => {
  const fold = folded(
    [becomes("A", "candidate"), enters("A", 1)],
    [receives(1, message("C>A vote-reply", { term: 1 }))],
    [enters("A", 2)],
    [receives(2, message("B>A vote-reply", { term: 2 })), becomes("A", "leader", "candidate")],
  );
  expect(frame(fold).feed.at(-1)?.text).toBe("A became leader of term 2 with the votes of A and B");
});

it("says of which term a server was before it lost its memory", () => {
  const fold = folded(
    [recovers("A", "t1")],
    [enters("A", 5, 1)],
    [loses("A")],
    [recovers("A", "t0")],
  );
  expect(frame(fold).feed[0]?.text).toContain("term 0 (it had been in term 5)");
});

it("has no feed in a step of which nothing was seen", () => {
  expect(buildFrame(folded([boots("A")]), look(), moment(2)).feed).toEqual([]);
});

it("puts a tombstone where an applied entry was cut", () => {
  const fold = folded(
    [
      recovers("A", "t1 log=1@1:x=1"),
      appends("A", "2@1:x=2 3@1:x=3"),
      ...applies("A", "1@1:x=1 2@1:x=2"),
    ],
    [cuts("A", "2@1:x=2 3@1:x=3"), appends("A", "2@2:x=9")],
  );
  expect(frame(fold).tombstones).toEqual([
    {
      server: "A",
      index: 2,
      term: 1,
      text: "set x = 2",
      step: 2,
      applied: true,
      acknowledged: false,
    },
  ]);
});

it("takes the tombstone away when the very entry comes back", () => {
  const fold = folded(
    [recovers("A", "t1"), appends("A", "1@1:x=1"), ...applies("A", "1@1:x=1")],
    [cuts("A", "1@1:x=1"), appends("A", "1@1:x=1")],
  );
  expect(frame(fold).tombstones).toEqual([]);
});

it("keeps the tombstone when another command comes under the same index and term", () => {
  const fold = folded(
    [recovers("A", "t1"), appends("A", "1@1:x=1"), ...applies("A", "1@1:x=1")],
    [cuts("A", "1@1:x=1"), appends("A", "1@1:x=7")],
  );
  expect(frame(fold).tombstones).toMatchObject([{ index: 1, text: "set x = 1" }]);
});

it("puts no tombstone where an entry was cut that nobody relied on", () => {
  const fold = folded([recovers("A", "t1"), appends("A", "1@1:x=1")], [cuts("A", "1@1:x=1")]);
  expect(frame(fold).tombstones).toEqual([]);
});

it("puts a tombstone where a follower cuts what a leader had committed", () => {
  const fold = folded(
    [recovers("A", "t1"), becomes("A", "leader"), appends("A", "1@1:x=1"), commits("A", 0, 1)],
    [recovers("B", "t1 log=1@1:x=1"), cuts("B", "1@1:x=1")],
  );
  expect(frame(fold).tombstones).toMatchObject([
    { server: "B", index: 1, applied: false, acknowledged: false },
  ]);
});

it("puts tombstones where a server came back without what it had applied", () => {
  const fold = folded(
    [recovers("A", "t1 log=1@1:x=1"), appends("A", "2@1:x=2"), ...applies("A", "1@1:x=1 2@1:x=2")],
    [loses("A", 1)],
    [recovers("A", "t1 log=1@1:x=1 life=2")],
  );
  expect(frame(fold).tombstones).toMatchObject([{ server: "A", index: 2, step: 3, applied: true }]);
});

it("says that a write is missing once a later leader is without it", () => {
  const fold = acknowledgedByA();
  expect(frame(fold).clients).toMatchObject([{ id: "w", outcome: "ok", missing: false }]);
  observe(fold, [loses("A")], 3);
  expect(frame(fold).clients).toMatchObject([{ missing: false }]);
  observe(fold, [recovers("B", "t2"), becomes("B", "leader")], 4);
  expect(frame(fold).clients).toMatchObject([
    { missing: true, text: "set x = 1", code: "SUCCESS" },
  ]);
});

it("does not call a write missing because an older leader has not heard of it", () => {
  const fold = folded(
    [recovers("C", "t1"), becomes("C", "leader")],
    [recovers("A", "t2"), recovers("B", "t2 log=1@2:x=1"), becomes("A", "leader")],
    [asks("w", "A", "x=1"), appends("A", "1@2:x=1"), answers("w", "A", "x=1", "1@2")],
    [loses("A")],
  );
  expect(frame(fold).clients).toMatchObject([{ missing: false }]);
});

it("does not call a write missing that a majority holds while nobody leads", () => {
  const fold = folded(
    [recovers("A", "t2"), recovers("B", "t2 log=1@2:x=1"), recovers("C", "t2 log=1@2:x=1")],
    [becomes("A", "leader"), appends("A", "1@2:x=1")],
    [asks("w", "A", "x=1"), answers("w", "A", "x=1", "1@2")],
    [loses("A"), recovers("A", "t2")],
  );
  expect(frame(fold).tombstones).toMatchObject([{ server: "A", acknowledged: true }]);
  expect(frame(fold).clients).toMatchObject([{ missing: false }]);
});

it("has a tombstone that tells that a client was told OK", () => {
  const fold = acknowledgedByA();
  observe(fold, [cuts("A", "1@1:x=1")], 3);
  expect(frame(fold).tombstones).toMatchObject([{ acknowledged: true, applied: false }]);
});

it("forgets old answers, but not those that went missing", () => {
  const fold = acknowledgedByA();
  observe(fold, [cuts("A", "1@1:x=1")], 3);
  for (let n = 0; n < 100; n++) {
    observe(fold, [asks(`r${n}`, "A", "x"), answers(`r${n}`, "A", "x", null)], 4 + n);
  }
  const { clients } = frame(fold);
  expect(clients.length).toBeLessThan(60);
  expect(clients[0]).toMatchObject({ id: "w", missing: true });
  expect(clients.at(-1)).toMatchObject({ id: "r99" });
});

it("keeps waiting operations", () => {
  const fold = folded([asks("w", "A", "x=1")]);
  for (let n = 0; n < 60; n++) {
    observe(fold, [asks(`r${n}`, "A", "x"), answers(`r${n}`, "A", "x", null)], 2 + n);
  }
  expect(frame(fold).clients[0]).toMatchObject({ id: "w", outcome: "waiting" });
});

it("gives a copy that no longer changes with the original", () => {
  fc.assert(
    fc.property(fc.array(someHappening(), { maxLength: 40 }), fc.nat(40), (happenings, at) => {
      const seen = trace(...happenings.map((each) => [each]));
      const [early, late] = [seen.slice(0, at), seen.slice(at)];
      const original = folded();
      for (const each of early) observeFold(original, each);
      const before = frame(original);
      const copy = cloneFold(original);
      for (const each of late) observeFold(original, each);
      expect(frame(copy)).toEqual(before);
      for (const each of late) observeFold(copy, each);
      expect(frame(copy)).toEqual(frame(original));
    }),
  );
});

it("shares a long log with its copy", () => {
  const log = Array.from({ length: 20_000 }, (_, at) => `${at + 1}@1:x=${at}`).join(" ");
  const fold = folded([recovers("A", "t1"), appends("A", log)]);
  const original = fold.servers.get("A");
  const copy = cloneFold(fold).servers.get("A");
  expect(copy?.log.entries).toBe(original?.log.entries);
  expect(copy?.log).not.toBe(original?.log);
});

/** Steps one after the other, folded. */
function folded(...steps: readonly (readonly Happening[])[]): Fold {
  const fold = createFold(plan());
  for (const seen of trace(...steps)) observeFold(fold, seen);
  return fold;
}

/** A further step. */
function observe(fold: Fold, step: readonly Happening[], number = fold.step + 1): void {
  for (const seen of trace(...Array.from({ length: number - 1 }, () => []), step)) {
    observeFold(fold, { ...seen, sequence: 1000 * number + seen.sequence });
  }
}

function acknowledgedByA(): Fold {
  return folded(
    [recovers("A", "t1"), becomes("A", "leader")],
    [asks("w", "A", "x=1"), appends("A", "1@1:x=1"), answers("w", "A", "x=1", "1@1")],
  );
}

function frame(fold: Fold): Frame {
  return buildFrame(fold, look(), moment(fold.step));
}

function server(id: string, fold: Fold, disks: Look = look()): ServerFrame {
  const found = buildFrame(fold, disks, moment(fold.step)).servers.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no server ${id}`);
  return found;
}

/** What can happen to a cluster whose logs hold up to three entries, in any order, sensible or not. */
function someHappening(): fc.Arbitrary<Happening> {
  const id = fc.constantFrom("A", "B", "C");
  const one = fc.constantFrom("1@1:x=1", "2@1:y=1", "1@2:x=2", "2@2:y=2", "3@2:x=3");
  return fc.oneof(
    id.map((a) => recovers(a, "t1 log=1@1:x=1")),
    id.map((a) => loses(a, 1)),
    id.map((a) => becomes(a, "leader")),
    id.map((a) => becomes(a, "candidate")),
    fc.tuple(id, fc.nat(5)).map(([a, term]) => enters(a, term)),
    fc.tuple(id, one).map(([a, text]) => appends(a, text)),
    fc.tuple(id, one).map(([a, text]) => cuts(a, text)),
    fc.tuple(id, one).map(([a, text]) => applies(a, text)[0] ?? boots(a)),
    fc.tuple(id, fc.nat(3)).map(([a, to]) => commits(a, 0, to)),
    fc.tuple(id, id, fc.nat(3)).map(([a, b, n]) => sends(n, message(`${a}>${b} vote-reply`))),
    fc.tuple(id, id, fc.nat(3)).map(([a, b, n]) => receives(n, message(`${a}>${b} vote-reply`))),
    fc.tuple(id, one).map(([a, text]) => answers("w", a, "x=1", text.slice(0, 3))),
    id.map((a) => asks("w", a, "x=1")),
  );
}
