import { describe, expect, it } from "vitest";
import { trace, verdictOn } from "./trace.testkit.ts";

// A acknowledges and commits (2, term 1) with B; C never has it. Then something happens to B, and C is elected by B.

describe("a committed entry that B forgot", () => {
  it("is a violation when B had not synced it", () => {
    expect(completeness("hastily", "B loses power")).toBe("violation");
  });

  it("rests on a broken assumption when B's disk lied", () => {
    expect(completeness("durably", "B loses power \n B is forsworn 2")).toBe("assumption-broken");
  });

  it("rests on a broken assumption when B's disk was swapped", () => {
    expect(completeness("durably", "B gets a new disk")).toBe("assumption-broken");
  });

  it("rests on a broken assumption when B's medium lost the write", () => {
    expect(completeness("durably", "B has lost-write wal \n B loses power")).toBe(
      "assumption-broken",
    );
  });

  it("is a violation when B had not synced it, even on a disk that lies too", () => {
    expect(completeness("hastily", "B loses power \n B is forsworn 1")).toBe("violation");
  });

  it("rests on a broken assumption when a damage looked like a write cut short", () => {
    expect(completeness("durably", "B has rot wal 8 \n B loses power")).toBe("assumption-broken");
  });

  it("is a violation when B could see the damage, and started all the same", () => {
    expect(completeness("durably", "B writes wal 16 \n B has rot wal 8 \n B loses power")).toBe(
      "violation",
    );
  });

  it("was never promised to stay when media are damaged on a quorum", () => {
    const damage = "A has rot wal 8 \n B has rot wal 8 \n B loses power";
    expect(completeness("durably", damage)).toBe("unavailable-by-design");
  });

  it("is a violation when the fault was another server's", () => {
    expect(completeness("durably", "A is forsworn 2 \n B loses process")).toBe("violation");
  });

  function completeness(how: string, trouble: string): string {
    const verdict = verdictOn(
      "C5",
      trace(`
        ${committed(how)}
        ${trouble}
        B starts log=0 term=1
        C term 2
        C asks B
        B term 2
        B grants C
        C is leader
      `),
    );
    expect(verdict.holds).toBe(false);
    return verdict.family;
  }
});

describe("an acknowledged entry at the end", () => {
  it("is unavailable by design when too many servers refuse their damaged disks", () => {
    const verdict = verdictOn("C11", trace(`${REFUSED} ${refusal("A")} ${refusal("B")}`));
    expect(verdict).toMatchObject({
      holds: false,
      family: "unavailable-by-design",
      text: "At the end nobody can serve entry 2 (term 1), for which a client was told OK: A and B do not start on their damaged disks, and too few servers are left.",
    });
  });

  it("is safe while a quorum is left", () => {
    expect(verdictOn("C11", trace(`${REFUSED} ${refusal("A")}`)).holds).toBe(true);
  });

  it("is safe again when one of them has been started after all", () => {
    const history = `${REFUSED} ${refusal("A")} ${refusal("B")} \n B boots \n B starts`;
    expect(verdictOn("C11", trace(history)).holds).toBe(true);
  });

  function refusal(server: string): string {
    return `
      ${server} has unreadable wal 0
      ${server} loses power
      ${server} boots
      ${server} fails
    `;
  }
});

function committed(how: string): string {
  return `
    A starts log=0 term=1
    B starts log=0 term=1
    C starts log=0 term=1
    A is leader
    A appends 2@1:x=1
    A writes wal 8
    A syncs wal
    A counts its log durably
    B appends 2@1:x=1
    B writes wal 8
    B accepts A ${how}
    A commit 2
  `;
}

const REFUSED = `
  ${committed("durably")}
  A answers 2@1
`;
