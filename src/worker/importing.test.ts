import { describe, expect, it } from "vitest";
import { ok } from "#base/result.ts";
import * as importer from "#importer/import-files.ts";
import { encodeHeader, encodeRecord } from "#system/pysyncobj/format.ts";
import { createImporting } from "./importing.ts";
import type { FileContent, ToUi } from "./protocol.ts";

describe("files are read beside other requests", () => {
  it("in pieces, with words on how far it is", async () => {
    const { told, start } = worker();
    await start([{ path: "A/raft.journal", content: contentOf(journalOf(400_000)) }]);
    const progress = told.filter((each) => each.type === "progress");
    expect(progress.length).toBeGreaterThan(3);
    expect(progress[0]).toMatchObject({ id: 7, done: 0, text: "Reading A/raft.journal" });
    expect(progress.map((each) => each.text)).toContain("Booting A with 0.3.14");
    const last = told.at(-1);
    expect(last).toMatchObject({ type: "imported", id: 7 });
    if (last?.type !== "imported") return;
    // The page gets a part of the file, and the whole report.
    expect(last.report.files[0]?.bytes.length).toBeLessThan(100_000);
    expect(last.report.files[0]).toMatchObject({ intact: true, entriesLeftOut: 398_000 });
    expect(last.report.forensics.files[0]?.parts[1]?.records?.count).toBe(400_000);
  });

  it("until it is cancelled: then nothing more is read, and one answer is given", async () => {
    let read = 0;
    const { told, start, importing } = worker();
    const content = contentOf(journalOf(1_000_000), () => {
      read += 1;
      if (read === 2) importing.cancel(7);
    });
    await start([{ path: "A/raft.journal", content }]);
    expect(read).toBe(2);
    expect(told.filter(({ type }) => type !== "progress")).toEqual([
      { type: "refused", id: 7, reason: "cancelled" },
    ]);
  });

  it("what was cancelled after its answer is not answered again", async () => {
    const { told, start, importing } = worker();
    await start([{ path: "notes.txt", content: contentOf(Uint8Array.of(1, 2)) }]);
    importing.cancel(7);
    expect(told.filter(({ type }) => type === "refused")).toEqual([]);
  });
});

describe("what cannot be read is named, with what to do", () => {
  it("a file that is too long is not even looked at", async () => {
    const { told, start } = worker();
    const slice = () => {
      throw new Error("read");
    };
    await start([{ path: "B/raft.journal", content: { size: 300 * 1024 * 1024, slice } }]);
    expect(told).toMatchObject([
      {
        type: "refused",
        reason:
          "B/raft.journal has 300 MB; files of up to 256 MB are read. Open the others without it.",
      },
    ]);
  });

  it("too much at once", async () => {
    const { told, start } = worker();
    const content = { size: 250 * 1024 * 1024, slice: () => contentOf(new Uint8Array()) };
    const files = ["A", "B", "C", "D", "E"].map((path) => ({ path, content }));
    await start(files as never);
    expect(told).toMatchObject([{ reason: expect.stringMatching(/1250 MB together/) }]);
  });

  it("a file that is gone by now", async () => {
    const { told, start } = worker();
    const slice = () => ({ arrayBuffer: () => Promise.reject(new Error("NotReadableError")) });
    await start([{ path: "raft.dump", content: { size: 10, slice } }]);
    expect(told.at(-1)).toMatchObject({
      reason: expect.stringMatching(/^raft\.dump cannot be read: it was changed or removed/),
    });
  });
});

function worker() {
  const told: ToUi[] = [];
  let clock = 0;
  const importing = createImporting({
    tell: (message) => void told.push(message),
    now: () => {
      clock += 20;
      return clock;
    },
    breathe: () => Promise.resolve(),
    importer: () => Promise.resolve(ok(importer)),
  });
  return {
    told,
    importing,
    start: (files: Parameters<typeof importing.start>[1]) => importing.start(7, files),
  };
}

function contentOf(bytes: Uint8Array, onRead: () => void = () => {}): FileContent {
  return {
    size: bytes.length,
    slice: (start, end) => ({
      arrayBuffer: () => {
        onRead();
        return Promise.resolve(bytes.slice(start, end).buffer as ArrayBuffer);
      },
    }),
  };
}

function journalOf(count: number): Uint8Array {
  const { length } = encodeRecord(1, 1, Uint8Array.of(1));
  const bytes = new Uint8Array(40 + count * length);
  bytes.set(encodeHeader(bytes.length));
  for (let i = 0; i < count; i++)
    bytes.set(encodeRecord(i + 1, 1, Uint8Array.of(1)), 40 + i * length);
  return bytes;
}
