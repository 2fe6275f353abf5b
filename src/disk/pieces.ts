import type { Effect } from "./disk.ts";
import type { Rule } from "./types.ts";

/**
 * What survives or is lost as one. Effects are logged as finely as they happen; what a kernel or a device writes as a whole
 * (a page, a sector, all of one write) needs its parts both ways, and such parts are one piece.
 */
export interface Piece {
  /** The effect's number; a single sector of several has its own. */
  readonly sequence: number;
  /** The last number that names it. */
  readonly lastSequence: number;
  /**
   * `garble`: the sector of the data piece that follows it may come out as garbage when overwrites are not power-safe. Kept
   * without that piece: garbage; kept with it: as if it were not there.
   */
  readonly kind: "data" | "size" | "name" | "garble";
  /** In program order; of data the byte ranges that it changes. */
  readonly parts: readonly Part[];
}

export interface Part {
  readonly effect: Effect;
  /** Byte range of data in its file; 0, 0 otherwise. */
  readonly offset: number;
  readonly length: number;
}

/**
 * The pieces in program order, and for each the pieces that survive if it does. Those are always earlier ones, so one pass
 * over the order closes a set.
 */
export interface Implications {
  readonly pieces: readonly Piece[];
  /** The direct needs of piece i are `needs[starts[i]]` up to before `needs[starts[i + 1]]`, each by the rule beside it. */
  readonly starts: readonly number[];
  readonly needs: readonly number[];
  readonly rules: readonly Rule[];
  /** By piece, 1: it survives every crash of this kind (a lying sync brought it to the device, which an OS crash drains). */
  readonly forced: Uint8Array;
}
