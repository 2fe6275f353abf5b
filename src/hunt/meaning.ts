import { readFile } from "#disk/disk.ts";
import type { Ground } from "#disk/ground.ts";
import type { Piece } from "#disk/pieces.ts";
import type { System } from "#system/contract.ts";

/** A longer label is cut. Characters. */
const LABEL_MOST = 60;

/**
 * What a write puts into its file, by the system's own reading of it: "lastRecordOffset 465", "record 23 of term 1: ...". Null: it
 * is no write of one thing, or the system has no name for that.
 */
export function meaningOf({ codec }: System, ground: Ground, index: number): string | null {
  const { kind, parts } = ground.implications.pieces[index] as Piece;
  const [first] = parts;
  const last = parts.at(-1);
  if (kind !== "data" || first?.effect.type !== "data" || last === undefined) return null;
  const { inode, offset, bytes } = first.effect;
  const path = ground.disk.inodes.get(inode)?.path ?? null;
  const live = path === null ? null : readFile(ground.disk, path);
  if (path === null || live === null || offset + bytes.length > live.length) return null;
  const file = live.slice();
  file.set(bytes, offset);
  const end = last.offset + last.length;
  const span = codec.annotate(path, file).find((each) => {
    return each.offset <= first.offset && end <= each.offset + each.length;
  });
  if (span === undefined || span.kind === "padding" || span.kind === "damaged") return null;
  const { label } = span;
  return label.length > LABEL_MOST ? `${label.slice(0, LABEL_MOST - 3)}...` : label;
}
