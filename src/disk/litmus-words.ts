import { unreachable } from "#base/assert.ts";
import { type DiskOp, type FileRef, type Image, PAGE_SIZE, type Path } from "./types.ts";

/** A call as a row of a table tells it; all its files lie in one directory, which goes without saying. */
export function callText(op: DiskOp): string {
  switch (op.type) {
    case "open":
      return `create ${nameOf(op.file)}`;
    case "close":
      return "close";
    case "write":
      return `write ${nameOf(op.file)} at ${op.offset}: ${contentText(op.bytes)}`;
    case "store":
      return `store into the mapped ${nameOf(op.file)} at ${op.offset}: ${contentText(op.bytes)}`;
    case "truncate":
      return `truncate ${nameOf(op.file)} to ${op.size}`;
    case "rename":
      return `rename ${nameOf(op.from)} to ${nameOf(op.to)}`;
    case "unlink":
      return `unlink ${nameOf(op.file)}`;
    case "sync":
      return `fsync ${nameOf(op.file)}`;
    case "data-sync":
      return `fdatasync ${nameOf(op.file)}`;
    case "sync-directory":
      return "fsync the directory";
    default:
      return unreachable(op);
  }
}

function nameOf(file: FileRef): string {
  return typeof file === "number" ? `descriptor ${file}` : file.slice(file.lastIndexOf("/") + 1);
}

function contentText(bytes: Uint8Array): string {
  if (bytes.length < PAGE_SIZE) return text(bytes);
  return `a page of ${String.fromCharCode(bytes[0] ?? 0)}`;
}

/** The content of a file, or how it fails to be there. */
export function textOf(image: Image, path: Path): string {
  const bytes = image.get(path);
  if (bytes === undefined) return "absent";
  if (bytes.length === 0) return "empty";
  return bytes.every((byte) => byte === 0) ? "zeros" : text(bytes);
}

/** A character a page, the first byte of each; 0 for zeros. */
export function pagesOf(image: Image, path: Path): string {
  const bytes = image.get(path) ?? new Uint8Array();
  let pages = "";
  for (let at = 0; at < bytes.length; at += PAGE_SIZE) {
    pages += bytes[at] === 0 ? "0" : String.fromCharCode(bytes[at] ?? 0);
  }
  return pages;
}

function text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
