import { expect, it } from "vitest";
import { encodeUtf8 } from "#base/utf8.ts";
import { crash } from "./crash.ts";
import { cloneDisk, createDisk, listFiles, liveImage, minimalImage, readFile } from "./disk.ts";
import { pendingEffects } from "./pending.ts";
import { perform } from "./perform.ts";

it("shows a write at once and loses it when nothing was synced", () => {
  const disk = createDisk({ policy: "ordered-journal", sectorSize: 512, writeBack: null });
  perform(disk, { type: "open", file: "A/log", create: true, truncate: false }, 1);
  perform(disk, { type: "write", file: "A/log", offset: 0, bytes: encodeUtf8("hello") }, 2);
  expect(readFile(disk, "A/log")).toEqual(encodeUtf8("hello"));
  expect(minimalImage(disk)).toEqual(new Map());
  expect(pendingEffects(disk)).toMatchObject([
    { sequence: 1, text: "create A/log", needs: [] },
    { sequence: 2, text: "bytes 0..4", needs: [] },
    { sequence: 3, text: "size 0 -> 5", needs: [2] },
  ]);
  const copy = cloneDisk(disk);
  perform(disk, { type: "sync", file: "A/log" }, 3);
  perform(disk, { type: "sync-directory", directory: "A" }, 3);
  expect(crash(disk, "os", { type: "none" })).toEqual({ kept: 0, lost: 0, forsworn: 0 });
  expect(liveImage(disk)).toEqual(new Map([["A/log", encodeUtf8("hello")]]));
  expect(crash(copy, "power", { type: "none" })).toEqual({ kept: 0, lost: 3, forsworn: 0 });
  expect(listFiles(copy, "")).toEqual([]);
});
