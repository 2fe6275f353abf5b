import { PAGE_SIZE } from "./types.ts";

/**
 * The bytes of a page from its start; what lies beyond them is zeros. Only the disk that holds the owner token changes
 * them in place; for everybody else, and for everybody when the owner is null, the page is copied before a change.
 */
export interface Page {
  owner: object | null;
  readonly bytes: Uint8Array;
}

/** The content of a file by page number; null is a hole, which reads as zeros. */
export type Pages = (Page | null)[];

const SMALLEST = 64;

/** Writes a piece that lies inside one page. */
export function putBytes(pages: Pages, owner: object, offset: number, bytes: Uint8Array): void {
  const index = Math.floor(offset / PAGE_SIZE);
  const at = offset - index * PAGE_SIZE;
  ownBytes(pages, owner, index, at + bytes.length).set(bytes, at);
}

/** Forgets everything from `size` on: it reads as zeros when the file grows again. */
export function cutBytes(pages: Pages, owner: object, size: number): void {
  const whole = Math.floor(size / PAGE_SIZE);
  const rest = size - whole * PAGE_SIZE;
  const last = pages[whole];
  if (rest > 0 && last !== null && last !== undefined && last.bytes.length > rest) {
    ownBytes(pages, owner, whole, rest).fill(0, rest);
  }
  const kept = rest > 0 ? whole + 1 : whole;
  if (pages.length > kept) pages.length = kept;
}

/** The first `size` bytes, in an array of their own. */
export function joinPages(pages: Pages, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const count = Math.min(pages.length, Math.ceil(size / PAGE_SIZE));
  for (let index = 0; index < count; index++) {
    const page = pages[index];
    if (page === null || page === undefined) continue;
    const at = index * PAGE_SIZE;
    const fits = at + page.bytes.length <= size;
    bytes.set(fits ? page.bytes : page.bytes.subarray(0, size - at), at);
  }
  return bytes;
}

/** A copy of the bytes from `from` to before `to`, which lie inside one page. */
export function sliceBytes(pages: Pages, from: number, to: number): Uint8Array {
  const bytes = new Uint8Array(to - from);
  const at = from % PAGE_SIZE;
  const page = pages[Math.floor(from / PAGE_SIZE)];
  bytes.set(page?.bytes.subarray(at, at + bytes.length) ?? []);
  return bytes;
}

/** Pages with a copy of these bytes, owned by nobody. */
export function splitPages(bytes: Uint8Array): Pages {
  const pages: Pages = [];
  for (let at = 0; at < bytes.length; at += PAGE_SIZE) {
    pages.push({ owner: null, bytes: bytes.slice(at, at + PAGE_SIZE) });
  }
  return pages;
}

/** The same pages for a second reader: from now on neither side changes them in place. */
export function sharePages(pages: Pages): Pages {
  for (const page of pages) if (page !== null) page.owner = null;
  return pages.slice();
}

/** Makes one page of `to` the page of `from`, shared. */
export function sharePage(from: Pages, to: Pages, index: number): void {
  const page = from[index];
  if (page === null || page === undefined) return;
  page.owner = null;
  to[index] = page;
}

/** Bytes of a page that may be changed in place, at least `length` of them. */
function ownBytes(pages: Pages, owner: object, index: number, length: number): Uint8Array {
  const page = pages[index] ?? null;
  if (page !== null && page.owner === owner && page.bytes.length >= length) return page.bytes;
  const known = page === null ? 0 : page.bytes.length;
  let room = SMALLEST;
  while (room < length || room < known) room *= 2;
  const bytes = new Uint8Array(room);
  if (page !== null) bytes.set(page.bytes);
  while (pages.length < index) pages.push(null);
  pages[index] = { owner, bytes };
  return bytes;
}
