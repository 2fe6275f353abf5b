import { describe, expect, it } from "vitest";
import { lastPrefixOf, mirrorOf } from "./ghost.ts";
import { auditorOf, brokenBy, explain, trace, verdictOn } from "./trace.testkit.ts";

const COMMITTED = `
  A starts log=1@0 term=1
  B starts log=1@0 term=1
  C starts log=1@0 term=1
  A is leader
  A appends 2@1:x=1 3@1:y=2
  B appends 2@1:x=1 3@1:y=2
  A commit 3
  A applies 1
  A applies 2
  A applies 3
`;

const B_LEADS = `
  B term 2
  B is candidate
  B is leader
`;

describe("a log that was compacted", () => {
  it("breaks nothing, at work and over restarts", () => {
    const history = trace(`${COMMITTED}
      A compacts 2@1
      A appends 4@1:z=3
      B appends 4@1:z=3
      A commit 4
      A applies 4
      A loses power
      A starts term=1 base=2@1 log=3@1:y=2+4@1:z=3 commit=3 applied=3
      A restores 3 x=1 y=2
      A commit 4
      A applies 4
    `);
    expect(brokenBy(history)).toEqual([]);
  });

  it("still is the log that it was: the entries before its base are known", () => {
    const { ghost } = auditorOf(trace(`${COMMITTED}\nA compacts 2@1`));
    expect(lastPrefixOf(mirrorOf(ghost, "A"))).toBe(lastPrefixOf(mirrorOf(ghost, "B")));
  });

  it("is complete in a leader whose base holds what was committed", () => {
    const history = trace(`${COMMITTED}
      B commit 3
      B applies 1
      B applies 2
      B applies 3
      B compacts 3@1
      ${B_LEADS}`);
    expect(brokenBy(history)).toEqual([]);
  });

  it("C5, C11: is not complete in a leader whose base hides other entries", () => {
    const history = trace(`${COMMITTED}
      A answers 3@1
      C appends 2@1:x=1 3@2:q=0 4@2:r=0
      C compacts 4@2
      C term 3
      C is candidate
      C is leader
    `);
    expect(brokenBy(history)).toEqual(expect.arrayContaining(["C5", "C11"]));
    expect(verdictOn("C5", history).text).toBe(
      "C became leader of term 3 without entry 3 (term 1), which was committed.",
    );
  });

  it("C3: is no leader's to shorten at its end", () => {
    const history = trace(`
      A starts log=1@0 term=1
      A is leader
      A appends 2@1 3@1
      A compacts 1@0
      A installs 1@0 2@1
    `);
    expect(verdictOn("C3", history)).toMatchObject({
      holds: false,
      firstStep: 5,
      text: "A cut its entry 3 (term 1) while it was leader of term 1.",
    });
  });

  it("C12: is not cut further than it was applied", () => {
    const history = trace(`
      A starts log=1@0+2@1 term=1
      A commit 2
      A compacts 2@1
    `);
    expect(verdictOn("C12", history).text).toBe(
      "A has lastApplied 0, although its log starts after 2.",
    );
  });

  it("C8: keeps the promises that are beneath its base", () => {
    const history = trace(`${COMMITTED}
      B accepts A durably
      B compacts 3@1
      B loses power
      B starts term=1 base=3@1 log= commit=3 applied=3
    `);
    expect(verdictOn("C8", history).holds).toBe(true);
  });

  it("C8: keeps none that came back with other bytes after its base", () => {
    const history = trace(`${COMMITTED}
      B accepts A durably
      B compacts 2@1
      B loses power
      B starts term=1 base=2@1 log=3@1:y=7 commit=3 applied=2
    `);
    expect(verdictOn("C8", history).text).toMatch(/entry 3 .term 1. with other bytes/);
  });
});

describe("a log whose base came from a disk, without its term", () => {
  const WITHOUT_TERM = "A starts term=1 base=2@0 log=3@1:y=2 commit=3 applied=3";
  const WHOLE = "B starts term=1 log=1@0+2@1:x=1+3@1:y=2";

  it.each([
    [WHOLE, WITHOUT_TERM],
    [WITHOUT_TERM, WHOLE],
  ])("is the same log as one that shows those entries", (first, second) => {
    const history = trace(`${first}\n${second}`);
    expect(brokenBy(history)).toEqual([]);
    const { ghost } = auditorOf(history);
    expect(lastPrefixOf(mirrorOf(ghost, "A"))).toBe(lastPrefixOf(mirrorOf(ghost, "B")));
  });

  it("C4: is another one where an entry after it is another", () => {
    const other = WITHOUT_TERM.replace("y=2", "y=9");
    expect(verdictOn("C4", trace(`${WHOLE}\n${other}`)).holds).toBe(false);
    expect(verdictOn("C4", trace(`${other}\n${WHOLE}`)).holds).toBe(false);
  });

  it("C5: counts as complete where nobody has seen what is before", () => {
    const history = trace(`
      ${WITHOUT_TERM}
      B starts term=1 base=2@0 log=3@1:y=2 commit=3 applied=3
      A is leader
      A appends 4@1
      A commit 4
      B appends 4@1
      B compacts 4@1
      B term 2
      B is leader
    `);
    expect(verdictOn("C5", history).holds).toBe(true);
  });
});

describe("a snapshot from a leader", () => {
  const BEHIND = `
    ${COMMITTED}
    C appends 2@9:old=1
  `;

  it("breaks nothing, in whichever order it replaces log and state machine", () => {
    for (const order of [
      ["C installs 3@1", "C restores 3 x=1 y=2"],
      ["C restores 3 x=1 y=2", "C installs 3@1"],
      ["C restores 3 x=1 y=2", "C installs 1@0 2@1:x=1 3@1:y=2"],
    ]) {
      const history = inOneStep(`${BEHIND}\n${order.join("\n")}
        C commit 3
        C appends 4@1:z=3
        C commit 4
        C applies 4
      `);
      expect(brokenBy(history)).toEqual([]);
    }
  });

  it("C15: does not bring another state than its entries make", () => {
    const history = trace(`${BEHIND}
      C installs 3@1
      C restores 3 x=1 y=8
    `);
    const verdict = verdictOn("C15", history);
    expect(verdict.text).toBe(
      "C took over a state machine that was kept up to entry 3, and it is not the same as A's after the same entries.",
    );
    expect(explain(verdict).at(-1)).toBe(
      'C took over a state machine that was kept up to entry 3, and it is not the same as A\'s after the same entries: y is "2" on A and "8" on C.',
    );
  });

  it("C15: is what others then have to agree with, if nobody had applied so far", () => {
    const history = trace(`
      A starts term=1 log=1@0+2@1:x=1 commit=2
      B starts term=1 base=2@1 log= commit=2 applied=2
      B restores 2 x=5
      A applies 1
      A applies 2
    `);
    expect(verdictOn("C15", history).text).toBe(
      "A has applied its log up to 2, and its state machine is not the same as the one in an earlier snapshot of B.",
    );
  });

  it("C14: is not older than what the server had applied", () => {
    const history = trace(`${COMMITTED}
      A restores 2 x=1
    `);
    expect(verdictOn("C14", history).text).toBe(
      "A replaced its state machine, which had applied its log up to 3, by an older snapshot that goes up to 2.",
    );
  });

  it("C14: lets the server go on from where the snapshot ends, and nowhere else", () => {
    const installed = `${BEHIND}\nC installs 3@1 4@1:z=3
      C restores 3 x=1 y=2`;
    expect(verdictOn("C14", trace(`${installed}\nC applies 4`)).holds).toBe(true);
    expect(verdictOn("C14", trace(`${installed}\nC applies 5@1`)).text).toBe(
      "C applied entry 5 (term 1), although entry 4 was next.",
    );
  });

  it("C13: does not take entries that the server knows to be committed", () => {
    const history = trace(`${COMMITTED}
      B commit 3
      B installs 2@1
    `);
    const verdict = verdictOn("C13", history);
    expect(verdict.text).toBe("B cut its entry 3 (term 1), although its commitIndex is 3.");
    expect(explain(verdict).join(" ")).toContain("B cut its entry 3 (term 1)");
  });

  it("C12: may bring a log that ends before the commitIndex, if that is taken back at once", () => {
    const installed = `${COMMITTED}
      B commit 3
      B installs 1@0 2@1:x=1
      B restores 2 x=1`;
    expect(verdictOn("C12", inOneStep(`${installed}\nB commit 2`)).holds).toBe(true);
    expect(verdictOn("C12", inOneStep(`${installed}\nB sends A`)).text).toBe(
      "At the end B has commitIndex 3, although its log ends at 2.",
    );
  });

  it("C12: leaves no gap between what was applied and the log", () => {
    const history = trace(`${BEHIND}
      C installs 3@1
      C commit 3
    `);
    expect(verdictOn("C12", history)).toMatchObject({
      text: "C has lastApplied 0, although its log starts after 3.",
    });
  });
});

/** The snapshot and the two observations after it are one step: the handler that took it. */
function inOneStep(text: string) {
  const history = trace(text);
  const from = history.findIndex(({ type }) => type === "rebase" || type === "restored");
  const step = history[from]?.step ?? 0;
  for (const each of history.slice(from, from + 3)) Object.assign(each, { step });
  return history;
}
