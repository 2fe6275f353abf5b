import { describe, expect, it } from "vitest";
import { violations } from "#audit/auditor.ts";
import { auditorOf, explain, trace, verdictOn } from "#audit/trace.testkit.ts";

it("holds while what was promised comes back", () => {
  const history = trace(`
    ${VOTED}
    B loses power
    B starts term=1 vote=A
  `);
  expect(verdictOn("C8", history).holds).toBe(true);
});

it("lets a server forget what it never spoke of", () => {
  const history = trace(`
    B starts log=0
    B term 3
    B appends 2@3
    B loses power
    B starts term=0 log=0
  `);
  expect(verdictOn("C8", history).holds).toBe(true);
});

it("breaks at a restart that forgets a vote, and tells the vote and what was not synced", () => {
  const verdict = verdictOn("C8", trace(`${VOTED} ${FORGOTTEN}`));
  expect(verdict).toMatchObject({ holds: false, firstStep: 7, family: "violation" });
  expect(explain(verdict)).toEqual([
    "B wrote to B/wal and did not sync it.",
    "B granted A its vote in term 1.",
    "Power loss on machine B: 2 unsynced writes lost.",
    "B restarted and forgot the vote it gave to A in term 1.",
  ]);
});

it("breaks at a restart that forgets acknowledged entries", () => {
  const history = trace(`
    B starts log=0 term=1
    B appends 2@1 3@1
    B accepts A hastily
    B loses power
    B starts log=0 term=1
  `);
  expect(verdictOn("C8", history).text).toBe(
    "B restarted and forgot entries 2 to 3, which it had acknowledged.",
  );
});

describe("an entry that comes back with other bytes", () => {
  it("breaks it, though index and term are the same", () => {
    const verdict = verdictOn("C8", trace(cameBackWith("1@0 2@1:x=9 3@1:y=2")));
    expect(verdict).toMatchObject({
      holds: false,
      family: "violation",
      text: "B restarted and has entry 2 (term 1) with other bytes than it had acknowledged, from byte 3 of 3 on.",
    });
    expect(explain(verdict)).toEqual([
      "B acknowledged its log up to (3, term 1) to A.",
      "Power loss on machine B: 2 unsynced writes lost.",
      verdict.text,
    ]);
  });

  it("does not break it when all bytes are back", () => {
    const history = trace(cameBackWith("1@0 2@1:x=1 3@1:y=2"));
    expect(verdictOn("C8", history).holds).toBe(true);
  });

  it("does not break it where it was never acknowledged", () => {
    const history = trace(cameBackWith("1@0 2@1:x=1 3@1:y=9", ""));
    expect(verdictOn("C8", history).holds).toBe(true);
  });

  it("rests on a broken assumption when a disk lied, and so does what the server then leads", () => {
    const history = trace(`
      ${cameBackWith("1@0 2@1:x=9 3@1:y=2", "B accepts A durably", "B is forsworn 1")}
      B term 2
      B is candidate
      B is leader
    `);
    expect(verdictOn("C8", history).family).toBe("assumption-broken");
    expect(auditorOf(history).ghost.unsound).toMatchObject({ blame: "lie" });
  });

  function cameBackWith(log: string, word = "B accepts A durably", fault = ""): string {
    return `
      B starts log=0 term=1
      B appends 2@1:x=1 3@1:y=2
      ${word}
      B loses power
      ${fault}
      B starts term=1 log=${log.replaceAll(" ", "+")}
    `;
  }
});

it("tells what a server did to its files after it had kept its word", () => {
  const history = trace(`
    B starts
    B term 1
    B vote A
    B writes wal
    B syncs wal
    B grants A durably
    B writes short
    B renames short wal
    B loses power
    B starts term=0
  `);
  expect(explain(verdictOn("C8", history)).slice(1, 3)).toEqual([
    "B wrote to B/wal and did not sync it.",
    "B renamed B/short to B/wal and did not sync the directory.",
  ]);
});

it("tells one loss once", () => {
  const history = trace(`
    ${VOTED}
    ${FORGOTTEN}
    B loses power
    B starts term=1 vote=-
  `);
  const found = violations(auditorOf(history)).find(({ id }) => id === "C8");
  expect(found).toMatchObject({ step: 7, count: 1 });
});

it.each([
  ["B is forsworn 2", "its disk had lied about a sync"],
  ["B gets a new disk", "its disk was swapped"],
])("rests on a broken assumption after %s", (fault, why) => {
  const history = trace(`
    B starts
    B term 1
    B vote A
    B writes wal
    B syncs wal
    B grants A durably
    B loses power
    ${fault}
    B starts term=1 vote=-
  `);
  expect(verdictOn("C8", history)).toMatchObject({
    family: "assumption-broken",
    text: `B restarted and forgot the vote it gave to A in term 1: ${why}.`,
  });
});

it("rests on a broken assumption when the medium lost a write that it had accepted", () => {
  const history = trace(`
    B starts
    B has lost-write wal
    B term 1
    B vote A
    B grants A durably
    B loses power
    B starts term=1 vote=-
  `);
  expect(verdictOn("C8", history)).toMatchObject({ family: "assumption-broken" });
});

it("does not excuse by a lying disk what the server had not even tried to keep", () => {
  const history = trace(`
    B starts
    B has a liar
    ${VOTED}
    B loses power
    B is forsworn 1
    B starts term=1 vote=-
  `);
  expect(verdictOn("C8", history)).toMatchObject({ holds: false, family: "violation" });
});

it("leaves a damaged medium to the check that asks whether to start at all", () => {
  const history = trace(`
    B starts
    B term 1
    B vote A
    B grants A durably
    B has rot wal 40
    B loses power
    B starts term=1 vote=-
  `);
  expect(verdictOn("C8", history).holds).toBe(true);
});

const VOTED = `
  B starts
  B term 1
  B vote A
  B writes wal
  B grants A hastily
`;

const FORGOTTEN = `
  B loses power
  B starts term=1 vote=-
`;
