import { expect, it } from "vitest";
import { createDisk, minimalImage } from "./disk.ts";
import { flush } from "./flush.ts";
import { perform } from "./perform.ts";
import { deserializeDisk, serializeDisk } from "./record.ts";

it("does not change a record that it has given out", () => {
  const disk = createDisk({ policy: "strict", sectorSize: 512, writeBack: null });
  perform(disk, { type: "open", file: "A/log", create: true, truncate: false }, 1);
  const writeAndSync = (value: number) => {
    perform(disk, { type: "write", file: "A/log", offset: 0, bytes: Uint8Array.of(value) }, value);
    flush(disk, null);
  };
  writeAndSync(2);
  const record = serializeDisk(disk);
  writeAndSync(3);
  expect(minimalImage(deserializeDisk(record)).get("A/log")).toEqual(Uint8Array.of(2));
  expect(minimalImage(disk).get("A/log")).toEqual(Uint8Array.of(3));
});
