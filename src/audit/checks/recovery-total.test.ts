import { describe, expect, it } from "vitest";
import { violations } from "#audit/auditor.ts";
import { auditorOf, explain, trace, verdictOn } from "#audit/trace.testkit.ts";

it("holds while servers come back", () => {
  const history = trace(`
    A boots
    A starts
    A loses power
    A boots
    A starts
  `);
  expect(verdictOn("C16", history).holds).toBe(true);
});

it("breaks when a server ends itself in recovery, and tells what left it such files", () => {
  const verdict = verdictOn("C16", trace(`${CRASHED} A fails`));
  expect(verdict).toMatchObject({ holds: false, firstStep: 6, family: "violation" });
  expect(explain(verdict)).toEqual([
    "A wrote to A/wal and did not sync it.",
    "Power loss on machine A: 2 unsynced writes lost.",
    "A did not start again: Error.",
  ]);
});

it("says nothing of a server that ends itself later", () => {
  const history = trace(`
    A boots
    A starts
    A fails
  `);
  expect(verdictOn("C16", history).holds).toBe(true);
});

it("says nothing of a server whose device refuses a call meanwhile", () => {
  const history = trace(`${CRASHED}
    A cannot sync wal
    A fails
  `);
  expect(verdictOn("C16", history).holds).toBe(true);
});

it("asks again when the device works again", () => {
  const history = trace(`${CRASHED}
    A cannot sync wal
    A fails
    A boots
    A fails
  `);
  expect(verdictOn("C16", history)).toMatchObject({ holds: false, firstStep: 9 });
});

describe("of files that were given", () => {
  it("is the system's own matter where there are none, at the first boot too", () => {
    expect(first("A boots; A fails", false)).toMatchObject({ family: "violation" });
  });

  it("rests on their past: a server that does not start from them is not to blame", () => {
    expect(first("A boots; A fails", true)).toMatchObject({
      family: "assumption-broken",
      text: "A did not start from the files it was given: Error; what had happened to them before is not known.",
    });
  });

  it("rests on it also when the server is booted once more", () => {
    const history = "A boots; A fails; A loses power; A boots; A fails";
    expect(first(history, true)).toMatchObject({ family: "assumption-broken", count: 2 });
  });

  it("is the system's matter again once it has started from them", () => {
    const history = "A boots; A starts; A loses power; A boots; A fails";
    expect(first(history, true)).toMatchObject({
      family: "violation",
      text: "A did not start again: Error.",
    });
  });

  it("is that of a disk that was put in their place", () => {
    expect(first("A boots; A gets a new disk; A boots; A fails", true)?.text).toBe(
      "A did not start on its new disk: Error.",
    );
  });

  function first(steps: string, given: boolean) {
    const auditor = auditorOf(trace(steps.replaceAll("; ", "\n")), given);
    return violations(auditor).find(({ id }) => id === "C16");
  }
});

it("lets a server refuse a damaged disk", () => {
  const history = trace(`
    A starts
    A has rot wal 40
    A loses power
    A boots
    A fails
  `);
  expect(verdictOn("C16", history).holds).toBe(true);
});

it.each(["A is forsworn 2", "A gets a new disk"])(
  "rests on a broken assumption after: %s",
  (fault) => {
    const history = trace(`
    A starts
    A loses power
    ${fault}
    A boots
    A fails
  `);
    expect(verdictOn("C16", history)).toMatchObject({ family: "assumption-broken" });
  },
);

describe("on a damaged disk", () => {
  it("breaks when a server starts without what it can see is missing", () => {
    const verdict = verdictOn("C16", trace(damaged("rot wal 4")));
    expect(verdict).toMatchObject({ holds: false, family: "violation" });
    expect(explain(verdict)).toEqual([
      "B acknowledged its log up to (3, term 1) to A.",
      "B: rot in B/wal.",
      "Power loss on machine B: 2 unsynced writes lost.",
      "B started on a damaged disk as if nothing were missing, and forgot entries 2 to 3, which it had acknowledged.",
    ]);
  });

  it("breaks when a part of the files could not even be read", () => {
    const verdict = verdictOn("C16", trace(damaged("unreadable wal 8")));
    expect(verdict).toMatchObject({ holds: false, family: "violation" });
  });

  it("forgives what looks like the end of a write cut short", () => {
    expect(verdictOn("C16", trace(damaged("rot wal 8"))).holds).toBe(true);
  });

  function damaged(fault: string): string {
    return `
      B starts log=0 term=1
      B appends 2@1
      B writes wal 0
      B syncs wal
      B appends 3@1
      B writes wal 8
      B syncs wal
      B accepts A durably
      B has ${fault}
      B loses power
      B starts log=0 term=1
    `;
  }
});

const CRASHED = `
  A boots
  A starts
  A writes wal
  A loses power
  A boots
`;
