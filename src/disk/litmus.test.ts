import { expect, it } from "vitest";
import { createDisk, installFile } from "./disk.ts";
import { crashImages } from "./history.testkit.ts";
import { type LitmusTable, litmusMatrix, voteMatrix } from "./litmus.ts";
import { LITMUS_ROWS, type LitmusCase, VOTE_ROWS } from "./litmus-rows.ts";
import { perform } from "./perform.ts";
import { type Image, POLICIES, type Policy } from "./types.ts";

it("knows what each policy may leave of ten classical sequences", () => {
  expect(printed(litmusMatrix())).toMatchInlineSnapshot(`
    "LT1 Overwrites file A, then file B
      strict          neither | A alone | both
      per-file        neither | A alone | !B alone | both
      data-first      neither | A alone | !B alone | both
      ordered-journal neither | A alone | !B alone | both
      metadata-first  neither | A alone | !B alone | both
      adversarial     neither | A alone | !B alone | both
    LT2 Appends a page, then another
      strict          no page | page 1 | pages 1 and 2
      per-file        no page | page 1 | pages 1 and 2
      data-first      no page | page 1 | pages 1 and 2
      ordered-journal no page | page 1 | pages 1 and 2
      metadata-first  no page | page 1 | pages 1 and 2 | !a hole | !a hole, then page 2 | !page 1, then a hole | !two holes
      adversarial     no page | page 1 | pages 1 and 2 | !a hole | !a hole, then page 2 | !page 1, then a hole | !two holes
    LT3 Replaces a file by rename, nothing synced
      strict          old | new
      per-file        old | new | !empty
      data-first      old | new
      ordered-journal old | new
      metadata-first  old | new | !empty | !zeros
      adversarial     old | new | !empty | !zeros
    LT4 Renames to a new name, nothing synced
      strict          absent | new
      per-file        absent | new | !empty
      data-first      absent | new
      ordered-journal absent | new | !empty
      metadata-first  absent | new | !empty | !zeros
      adversarial     absent | new | !empty | !zeros
    LT5 Replaces a file by rename, the new one synced
      strict          old | new
      per-file        old | new
      data-first      old | new
      ordered-journal old | new
      metadata-first  old | new
      adversarial     old | new
    LT6 Replaces a file by rename, the new one and the directory synced
      strict          new
      per-file        new
      data-first      new
      ordered-journal new
      metadata-first  new
      adversarial     new
    LT7 Stores a record, then the header that points to it, into a mapping
      strict          neither | record alone | both
      per-file        neither | record alone | both
      data-first      neither | record alone | both | !header alone
      ordered-journal neither | record alone | both | !header alone
      metadata-first  neither | record alone | both | !header alone
      adversarial     neither | record alone | both | !header alone
    LT8 Empties a file and writes it anew in place
      strict          old | new | !empty
      per-file        old | new | !empty
      data-first      old | new | !empty
      ordered-journal old | new | !empty
      metadata-first  old | new | !empty | !zeros
      adversarial     old | new | !empty | !zeros | !new, then the old tail
    LT9 Creates a segment and syncs it, not its directory
      strict          new
      per-file        new | !absent
      data-first      new
      ordered-journal new | !absent
      metadata-first  new | !absent
      adversarial     new | !absent
    LT10 Writes a snapshot, renames it into place and unlinks the log
      strict          no snapshot, log | new snapshot, log | new snapshot, no log
      per-file        no snapshot, log | new snapshot, log | new snapshot, no log | empty snapshot, log | !empty snapshot, no log
      data-first      no snapshot, log | new snapshot, log | new snapshot, no log
      ordered-journal no snapshot, log | new snapshot, log | new snapshot, no log | empty snapshot, log | !empty snapshot, no log
      metadata-first  no snapshot, log | new snapshot, log | new snapshot, no log | empty snapshot, log | zeros snapshot, log | !empty snapshot, no log | !zeros snapshot, no log
      adversarial     no snapshot, log | new snapshot, log | new snapshot, no log | empty snapshot, log | zeros snapshot, log | !empty snapshot, no log | !zeros snapshot, no log | !no snapshot, no log"
  `);
});

it("knows what each policy may leave of a vote", () => {
  expect(printed(voteMatrix())).toMatchInlineSnapshot(`
    "V1 Temporary file and rename, nothing synced
      strict          term 6, vote 2 | !term 5, vote 1
      per-file        term 6, vote 2 | !term 5, vote 1 | !empty
      data-first      term 6, vote 2 | !term 5, vote 1
      ordered-journal term 6, vote 2 | !term 5, vote 1
      metadata-first  term 6, vote 2 | !term 5, vote 1 | !empty | !zeros
      adversarial     term 6, vote 2 | !term 5, vote 1 | !empty | !zeros
    V2 The temporary file synced
      strict          term 6, vote 2 | !term 5, vote 1
      per-file        term 6, vote 2 | !term 5, vote 1
      data-first      term 6, vote 2 | !term 5, vote 1
      ordered-journal term 6, vote 2 | !term 5, vote 1
      metadata-first  term 6, vote 2 | !term 5, vote 1
      adversarial     term 6, vote 2 | !term 5, vote 1
    V3 The temporary file and the directory synced
      strict          term 6, vote 2
      per-file        term 6, vote 2
      data-first      term 6, vote 2
      ordered-journal term 6, vote 2
      metadata-first  term 6, vote 2
      adversarial     term 6, vote 2
    V4 The first vote ever, nothing synced
      strict          term 6, vote 2 | !absent
      per-file        term 6, vote 2 | !absent | !empty
      data-first      term 6, vote 2 | !absent
      ordered-journal term 6, vote 2 | !absent | !empty
      metadata-first  term 6, vote 2 | !absent | !empty | !zeros
      adversarial     term 6, vote 2 | !absent | !empty | !zeros
    V5 The first vote ever, the temporary file synced
      strict          term 6, vote 2 | !absent
      per-file        term 6, vote 2 | !absent
      data-first      term 6, vote 2 | !absent
      ordered-journal term 6, vote 2 | !absent
      metadata-first  term 6, vote 2 | !absent
      adversarial     term 6, vote 2 | !absent
    V6 The first vote ever, the temporary file and the directory synced
      strict          term 6, vote 2
      per-file        term 6, vote 2
      data-first      term 6, vote 2
      ordered-journal term 6, vote 2
      metadata-first  term 6, vote 2
      adversarial     term 6, vote 2"
  `);
});

it.each([...LITMUS_ROWS, ...VOTE_ROWS])(
  "has a word for every outcome of $id, and no idle one",
  (litmus) => {
    const found = new Set(
      POLICIES.flatMap((policy) =>
        [...crashImages(diskAfter(policy, litmus), "os").values()].map(litmus.shows),
      ),
    );
    const table = LITMUS_ROWS.includes(litmus) ? litmusMatrix() : voteMatrix();
    const row = table.rows.find(({ id }) => id === litmus.id);
    const told = new Set(row?.outcomes.flatMap((cell) => cell.map(({ text }) => text)));
    expect([...told].sort()).toEqual([...found].sort());
    expect(Object.keys(litmus.words)).toEqual(expect.arrayContaining([...found]));
  },
);

it("tears a record of two sectors when power fails, not when the system crashes", () => {
  const disk = (policy: Policy) => {
    const made = createDisk({ policy, sectorSize: 512, writeBack: null });
    installFile(made, "d/log", new Uint8Array(4096).fill(45));
    const bytes = Uint8Array.from("abcd", (character) => character.charCodeAt(0));
    perform(made, { type: "store", file: "d/log", offset: 510, bytes }, 1);
    return made;
  };
  const records = (policy: Policy, kind: "os" | "power") => {
    const record = (image: Image) =>
      String.fromCharCode(...(image.get("d/log") ?? []).slice(510, 514));
    return [...crashImages(disk(policy), kind).values()].map(record).sort();
  };
  expect(records("per-file", "os")).toEqual(["----", "abcd"]);
  expect(records("per-file", "power")).toEqual(["----", "ab--", "abcd"]);
  expect(records("adversarial", "power")).toEqual(["----", "--cd", "ab--", "abcd"]);
});

function diskAfter(policy: Policy, { files, ops }: LitmusCase) {
  const disk = createDisk({ policy, sectorSize: 512, writeBack: null });
  for (const [path, content] of Object.entries(files)) {
    installFile(
      disk,
      path,
      Uint8Array.from(content, (character) => character.charCodeAt(0)),
    );
  }
  for (const [i, op] of ops.entries()) expect(perform(disk, op, i)).toMatchObject({ ok: true });
  return disk;
}

/** A line a policy; what is harmful after a mark of its own. */
function printed({ rows, policies }: LitmusTable): string {
  return rows
    .map(({ id, title, outcomes }) =>
      [
        `${id} ${title}`,
        ...outcomes.map((cell, i) => {
          const words = cell.map(({ text, harmful }) => (harmful ? `!${text}` : text));
          return `  ${(policies[i] ?? "").padEnd(16)}${words.join(" | ")}`;
        }),
      ].join("\n"),
    )
    .join("\n");
}
