import { describe, expect, it } from "vitest";
import { concatBytes, fromHex, toHex } from "#base/bytes.ts";
import { simultaneousReboot } from "#library/incidents/pysyncobj-201/schedule.ts";
import { decodeBase64 } from "#scenario/base64.ts";
import {
  FIXTURES,
  type Fixture,
  filesIn,
  JOURNALS,
  METAS,
  readFixture,
} from "#system/pysyncobj/fixtures.testkit.ts";
import { decodeJournal, encodeHeader, encodeRecord } from "#system/pysyncobj/format.ts";
import { pysyncobj } from "#system/pysyncobj/index.ts";
import type { GivenFile, ImportReport } from "./contract.ts";
import { importerOf, importFiles } from "./import-files.ts";
import { importJson } from "./import-json.ts";
import { IMPORTERS } from "./registry.ts";

describe("every fixture is recognised by exactly one importer", () => {
  it.each(FIXTURES)("$path", ({ path, bytes }) => {
    for (const given of [path, "unnamed", "8f3a.bin"]) {
      const saysYes = IMPORTERS.filter((each) => each.sniff({ path: given, bytes }) !== "no");
      expect(saysYes.map(({ id }) => [given, id])).toEqual([[given, "pysyncobj"]]);
    }
  });
});

describe("a foreign file is nobody's", () => {
  it.each([
    ["notes.txt", "hello, this is no journal"],
    ["raft.journal", "LPKSHHRHb7c1 of another journal altogether, as long as need be .........."],
    ["raft.journal.meta", "term = 5\nvote = A\n"],
    ["manifest.json", '{"format": "pysyncobj-fixtures/1"}'],
    ["archive.tar.gz", "\u001f\u008b\b\b0000\u0000\u0003archive.tar\u0000............"],
  ])("%s", (path, text) => {
    const bytes = Uint8Array.from(text, (each) => each.charCodeAt(0));
    expect(importerOf({ path, bytes })).toBeNull();
    const { files, findings, scenario } = importFiles([{ path, bytes }]);
    expect(files).toMatchObject([
      { path, kind: "unknown", intact: false, problems: [{ offset: 0 }] },
    ]);
    expect(findings[0]).toMatch(new RegExp(`^${path}, byte 0: the file starts with`));
    expect(scenario).toBeNull();
  });
});

describe("a recorded run among the files", () => {
  const report = importFiles(filesIn("01-healthy-compacted"));

  it("is no server's file, and changes nothing of what is said about the servers", () => {
    expect(report.files.find(({ path }) => path === "trace.json")).toMatchObject({
      kind: "recorded run",
      intact: true,
      server: null,
    });
    expect(report.forensics.boots.map(({ server }) => server)).toEqual(["A", "B", "C"]);
    expect(report.forensics.together[0]?.text).toMatch(/^All 3 servers start/);
    expect(report.findings.join()).toMatch(/trace\.json is a recorded run of the real library/);
  });

  it("is offered to be opened as one", () => {
    expect(report.recordings).toMatchObject([
      { path: "trace.json", scenario: { recording: { format: "pysyncobj-trace/1" } } },
    ]);
  });

  it("is no journal for any other long text either", () => {
    const bytes = Uint8Array.from({ length: 150_000 }, (_, i) => 32 + ((i * 7) % 90));
    expect(importerOf({ path: "notes.json", bytes })).toBeNull();
    const json = `{"events": [${'{"t": 0.1, "node": "A"}, '.repeat(6000)}]}`;
    const text = Uint8Array.from(json, (each) => each.charCodeAt(0));
    expect(importerOf({ path: "notes.json", bytes: text })).toBeNull();
  });
});

describe("long commands", () => {
  it("are listed as far as memory is for them, the first and the last", () => {
    const command = new Uint8Array(1024 * 1024);
    const records = Array.from({ length: 40 }, (_, i) => encodeRecord(i + 1, 1, command));
    const size = records.reduce((sum, { length }) => sum + length, 40);
    const bytes = concatBytes([encodeHeader(size), ...records]);
    const [file] = importFiles([{ path: "A/raft.journal", bytes }]).files;
    expect(file?.entries.map(({ index }) => index)).toContain("40");
    expect(file?.entries.length).toBeLessThan(17);
    expect(file?.entriesLeftOut).toBe(40 - (file?.entries.length ?? 0));
  });
});

describe("the JSON report", () => {
  it.each(JOURNALS)(
    "has the entries that another reader found in $path",
    ({ path, bytes, decoded }) => {
      const [file] = importJson(importFiles([{ path, bytes }])).files;
      const entries = (decoded.entries ?? []).map(({ index, term, commandHex: command }) => ({
        index: typeof index === "number" ? index : index.$int,
        term: typeof term === "number" ? term : term.$int,
        command,
      }));
      expect(file?.kind).toBe("pysyncobj journal");
      expect(file?.entries).toEqual(entries);
      // That reader looks neither at the magic nor at the format number.
      const isMagicWrong = path.includes("bad-appname-version");
      expect(file?.intact).toBe(decoded.problems?.length === 0 && !isMagicWrong);
    },
  );

  it.each(METAS)(
    "has the values that another reader found in $path",
    ({ path, bytes, decoded }) => {
      const [file] = importJson(importFiles([{ path, bytes }])).files;
      expect(file?.meta).toEqual(decoded.value ?? null);
      expect(file?.intact).toBe(decoded.value !== undefined);
    },
  );

  it("names only what the command line promises", () => {
    const { files } = importJson(importFiles(filesIn("02-simultaneous-restart/before")));
    expect(Object.keys(files[0] ?? {})).toEqual([
      ...["path", "kind", "intact", "entries", "meta", "problems"],
    ]);
    expect(JSON.parse(JSON.stringify(files))).toEqual(files);
  });
});

describe("ghost records", () => {
  it("are in the report, and no entries of the JSON", () => {
    const report = importFiles(filesIn("02-simultaneous-restart/truncated-C"));
    const file = report.files.find(({ path }) => path === "C/raft.journal");
    const ghosts = file?.entries
      .filter(({ ghost }) => ghost)
      .map(({ index, text }) => [index, text]);
    expect(ghosts).toEqual([
      ["44", 'f1("leader", "A")'],
      ["45", 'f1("members/A", "conn_url=A")'],
    ]);
    const json = importJson(report).files.find(({ path }) => path === "C/raft.journal");
    expect(json?.entries).toHaveLength(43);
  });
});

describe("three servers", () => {
  const before = filesIn("02-simultaneous-restart/before");

  it("become three machines with these very disks, with and without the fix", () => {
    const { scenario } = importFiles(before);
    expect(scenario).toMatchObject({
      system: "pysyncobj",
      preset: "0.3.14",
      twin: { preset: "PR #202" },
      script: [{ action: { type: "boot", machines: ["A", "B", "C"] } }],
    });
    expect(disksOf(importFiles(before))).toEqual(
      Object.fromEntries(before.map(({ path, bytes }) => [path, toHex(bytes)])),
    );
  });

  it("are booted as the caller wants them to be", () => {
    const { scenario } = importFiles(before, {
      schedule: (machines) => ({
        script: [
          { anchor: { type: "at", time: 5 }, action: { type: "boot", machines: [...machines] } },
        ],
        choices: { "A/1/electionTimeout/1": 400_000 },
        until: 7,
      }),
    });
    expect(scenario).toMatchObject({
      until: 7,
      choices: { "A/1/electionTimeout/1": 400_000 },
      script: [{ anchor: { time: 5 } }],
    });
  });

  it("say what is added to them, and can be booted without it", () => {
    const { scenario, bootOnly } = importFiles(before, { schedule: simultaneousReboot });
    expect(scenario?.about).toMatch(/files of A, B and C, .*: five writes are added\./);
    expect(scenario?.narration.map(({ text }) => text)).toEqual([scenario?.about]);
    expect(bootOnly).toMatchObject({ title: "Imported: A, B, C", choices: {}, narration: [] });
    expect(bootOnly?.script.map(({ action }) => action.type)).toEqual(["boot"]);
    expect(importFiles(before).bootOnly).toBeNull();
  });

  it.each([
    ["a folder each, below another", (path: string) => `cluster/data/${path}`],
    ["one folder, a name each", (path: string) => path.replace("/raft", "")],
    ["Patroni's names", (path: string) => path.replace(/^(.)\/raft/, "data/host-$1:2380")],
    ["folders on Windows", (path: string) => `C/${path}`],
  ])("are the same in any layout: %s", (_, rename) => {
    const files = before.map(({ path, bytes }) => ({ path: rename(path), bytes }));
    const report = importFiles(files);
    expect(report.scenario?.cluster.machines).toHaveLength(3);
    expect(Object.values(disksOf(report)).sort()).toEqual(before.map(hexOf).sort());
    for (const { id } of report.scenario?.cluster.machines ?? []) {
      expect(Object.keys(disksOf(report))).toContain(`${id}/raft.journal`);
    }
  });

  it("are told apart by their order when the names say nothing", () => {
    const files = before.map(({ bytes }, i) => ({ path: `file-${i}`, bytes }));
    const report = importFiles(files);
    expect(Object.values(disksOf(report)).sort()).toEqual(before.map(hexOf).sort());
    expect(report.findings.join()).toMatch(/their order was taken/);
  });

  it("are told apart by their order when all have the same name", () => {
    const files = before.map(({ path, bytes }) => ({ path: path.slice(2), bytes }));
    expect(Object.keys(disksOf(importFiles(files)))).toHaveLength(6);
  });

  it("have the addresses that their files are named after", () => {
    const { scenario } = importFiles(filesIn("08-formats/patroni-shaped"));
    expect(scenario?.cluster.machines.map(({ id, servers }) => [id, servers[0]?.address])).toEqual([
      ["A", "127.0.0.1:2380"],
      ["B", "127.0.0.1:2381"],
      ["C", "127.0.0.1:2382"],
    ]);
  });
});

describe("names too long to be drawn", () => {
  const before = filesIn("02-simultaneous-restart/before");
  const renamed = (nameOf: (letter: string) => string) =>
    importFiles(
      before.map(({ path, bytes }) => ({
        path: path.replace(/^./, (letter) => nameOf(letter)),
        bytes,
      })),
    );
  const idsOf = ({ scenario }: ImportReport) =>
    scenario?.cluster.machines.map(({ id, servers }) => [id, servers[0]?.address]);

  it("become letters in the order of the names, and stay the servers' addresses", () => {
    const port: Readonly<Record<string, string>> = { A: "2380", B: "10000", C: "2381" };
    const report = renamed((letter) => `127.0.0.1:${port[letter]}`);
    expect(idsOf(report)?.sort()).toEqual([
      ["A", "127.0.0.1:2380"],
      ["B", "127.0.0.1:2381"],
      ["C", "127.0.0.1:10000"],
    ]);
    expect(report.findings).toContain(
      "A is 127.0.0.1:2380, B is 127.0.0.1:2381, C is 127.0.0.1:10000.",
    );
  });

  it("leave a letter to the server that has it for its name", () => {
    const report = renamed((letter) => (letter === "B" ? "A" : `machine-${letter}`));
    expect(report.findings).toContain("B is machine-A, C is machine-C.");
    expect(
      idsOf(report)
        ?.map(([id]) => id)
        .sort(),
    ).toEqual(["A", "B", "C"]);
  });

  it("are not touched when they are short", () => {
    const report = renamed((letter) => `n${letter}`);
    expect(idsOf(report)?.map(([id]) => id)).toEqual(["nA", "nB", "nC"]);
    expect(report.findings).toEqual([expect.stringMatching(/^nA, nB and nC: logs are equal/)]);
  });
});

describe("what is there is enough", () => {
  it("a meta without its journal", () => {
    const files = filesIn("02-simultaneous-restart/before").filter(
      ({ path }) => path !== "B/raft.journal",
    );
    const { scenario, findings } = importFiles(files);
    expect(scenario?.cluster.machines).toHaveLength(3);
    expect(findings).toContain("B has no journal: it starts with a new one, and its first entry.");
  });

  it("a journal without its meta", () => {
    const { scenario, findings } = importFiles(filesIn("07-torn/meta-missing"));
    expect(scenario?.cluster.machines).toHaveLength(1);
    expect(findings.join()).toMatch(/no \.meta: it starts with raftCommitIndex 1/);
  });

  it("of several clusters one is booted, and the others are named", () => {
    const { scenario, findings } = importFiles(
      filesIn("02-simultaneous-restart").filter(({ path }) => path !== "trace.json"),
    );
    expect(scenario?.cluster.machines).toHaveLength(3);
    expect(findings[0]).toMatch(/^These are the files of 5 clusters\. The one in after-divergence/);
  });

  it("but not for more servers than can be shown", () => {
    const { scenario, findings, files } = importFiles(filesIn("07-torn"));
    expect(scenario).toBeNull();
    expect(files.length).toBeGreaterThan(30);
    expect(findings.join()).toMatch(/cannot be booted together/);
  });
});

describe("damage is named with file, offset, reason and remedy", () => {
  it.each([
    ["truncated-at-record-boundary", /raft\.journal, byte 2085: a record starts beyond the end/],
    ["zeroed-last-record", /raft\.journal, byte 2141: the size field says 0.*struct\.error/],
    ["cut-in-command-bytes", /raft\.journal, byte 2141: the record is cut short: 42 of 48 bytes/],
    ["empty-file", /raft\.journal, byte 0: .*cannot mmap an empty file/],
    ["bad-appname-version", /raft\.journal, byte 0: the file does not start with "PYSYNCOBJ"/],
    ["all-zero-file", /raft\.journal, byte 0: the file does not start with "PYSYNCOBJ"/],
    ["meta-empty", /raft\.journal\.meta, byte 0: the file is empty.*raftCommitIndex 1/],
    ["dump-truncated", /raft\.dump, byte \d+: .*empty state machine/],
    ["dump-empty", /raft\.dump, byte 0: the file is empty/],
  ])("%s", (folder, finding) => {
    const { findings } = importFiles(filesIn(`07-torn/${folder}`));
    expect(findings.join("\n")).toMatch(finding);
  });

  it("a record that is cut short stops the server, and only a healthy majority may replace it", () => {
    const torn = filesIn("07-torn/cut-in-command-bytes");
    const beside = (servers: readonly string[]) => [
      ...torn.map(({ path, bytes }) => ({
        path: `A/${path.slice(path.lastIndexOf("/") + 1)}`,
        bytes,
      })),
      ...filesIn("02-simultaneous-restart/before").filter(({ path }) =>
        servers.includes(path.slice(0, 1)),
      ),
    ];
    const told = (servers: readonly string[]) => importFiles(beside(servers)).findings.join();
    expect(told([])).toMatch(/raises on every tick.*Open the other servers' files too/);
    expect(told(["B"])).toMatch(/do not remove it/);
    expect(told(["B", "C"])).toMatch(/Keep a copy .* healthy majority: .*copies the log/);
  });

  it("that real hardware left: a hole where a page was never written", () => {
    const { findings } = importFiles(filesIn("10-real-ext4-power-cut/torn-journal-hole"));
    expect(findings.join("\n")).toMatch(/raft\.journal, byte \d+: .*struct\.error/);
  });
});

describe("findings across files", () => {
  it("a commit index past the end of the journal", () => {
    const { findings } = importFiles(
      filesIn("04-commit-index-past-journal/no-dump/after-power-loss"),
    );
    expect(findings.join("\n")).toContain(
      "A, B and C: raftCommitIndex 25 is past the end of the journal (20)",
    );
  });

  it("an index that was never written", () => {
    const { findings } = importFiles(filesIn("05-deviations/f-big-record-hole/end"));
    expect(findings.join("\n")).toMatch(/A\/raft\.journal, byte 149: index 5 follows index 3/);
  });

  it("a term that started over, the records that it cut off, and who still has them", () => {
    const text = importFiles(filesIn("02-simultaneous-restart/truncated-C")).findings.join("\n");
    expect(text).toMatch(/C\/raft\.journal, byte \d+: term 2 at index 43 follows term 5/);
    expect(text).toContain("the records 44 to 45 of term 1 can still be read");
    expect(text).toContain("A and C diverge at index 43: term 1 on A, term 2 on C.");
  });

  it("a term that was used twice", () => {
    const text = importFiles(filesIn("05-deviations/b-double-vote/end")).findings.join("\n");
    expect(text).toMatch(/index 3 of the same term 1 with different commands/);
  });

  it("a full dump, and how far it reaches", () => {
    const { files, findings } = importFiles(filesIn("01-healthy-compacted/A"));
    expect(files.find(({ kind }) => kind === "pysyncobj dump")).toMatchObject({ intact: true });
    expect(findings.join("\n")).toMatch(
      /full dump\. It holds the state up to index 12 of term \d+, members 127\.0\.0\.1/,
    );
  });

  it("terms that start over although the logs have one, said once of equal logs", () => {
    const findings = importFiles(filesIn("02-simultaneous-restart/before")).findings;
    expect(findings).toEqual([
      "A, B and C: logs are equal, 1..42, last term 5; no term and no vote is stored, so 0.3.14 restarts at term 0.",
    ]);
  });
});

describe("what the simulation cannot carry is renamed on the disk, and shown as it was", () => {
  it("numbers beyond 2^53 keep their order", () => {
    const report = importFiles(filesIn("07-torn/page0-old-page1-compacted"));
    const shown = report.files[0]?.entries.at(-1);
    expect(shown?.term).toBe("3543600036814353920");
    const [disk] = Object.values(disksOf(report));
    const terms = decodeJournal(fromHex(disk ?? "") ?? new Uint8Array()).records.map(
      ({ term }) => term,
    );
    expect(terms.every((term) => typeof term === "number")).toBe(true);
    expect(terms.at(-1)).toBeGreaterThan(2 ** 52);
    expect(report.findings.join()).toMatch(/3543600036814353920 is beyond 2\^53/);
  });

  it("a vote for an address becomes a vote for that server", () => {
    const report = importFiles(filesIn("08-formats/meta-with-term-and-vote"));
    expect(report.files.find(({ path }) => path === "A/raft.journal.meta")?.meta).toEqual({
      currentTerm: 2,
      votedForNodeId: "127.0.0.1:7002",
      raftCommitIndex: 5,
    });
    const files = new Map(
      Object.entries(disksOf(report)).map(([path, hex]) => [
        path,
        fromHex(hex) ?? new Uint8Array(),
      ]),
    );
    expect(pysyncobj.codec.inspect(files, "A/")).toMatchObject({ currentTerm: 2, votedFor: "B" });
  });
});

describe("unusual but whole files", () => {
  it.each(
    [
      "08-formats/pickle-protocol-0",
      "08-formats/pso-0.2.1-py2.7",
      "08-formats/pso-0.3.14-py2.7",
    ].map((folder) => [folder] as const),
  )("%s are intact", (folder) => {
    const files = filesIn(folder).filter(({ path }) => path !== "made-by.json");
    expect(importFiles(files).files.map(({ intact }) => intact)).toEqual(files.map(() => true));
  });

  it("are the given bytes, with spans over every one of them", () => {
    for (const { path, bytes } of FIXTURES.filter(isSmall)) {
      const [file] = importFiles([{ path, bytes }]).files;
      expect(file?.bytes).toBe(bytes);
      const covered = file?.spans.reduce((sum, { length }) => sum + length, 0);
      expect([path, covered]).toEqual([path, bytes.length]);
    }
  });

  it("a single file may be dropped without its folder", () => {
    const bytes = readFixture("02-simultaneous-restart/before/A/raft.journal");
    expect(importFiles([{ path: "raft.journal", bytes }]).scenario?.cluster.machines).toMatchObject(
      [{ id: "S1" }],
    );
  });
});

function isSmall({ bytes }: Fixture): boolean {
  return bytes.length <= 4096;
}

function hexOf({ bytes }: GivenFile): string {
  return toHex(bytes);
}

function disksOf({ scenario }: ImportReport): Record<string, string> {
  const files = scenario?.cluster.machines.flatMap((machine) => machine.files) ?? [];
  return Object.fromEntries(
    files.map(({ path, base64 }) => [path, toHex(decodeBase64(base64) ?? new Uint8Array())]),
  );
}
