import { sha256 } from "#base/sha256.ts";
import { encodeSet } from "./format.ts";
import {
  type CutCommand,
  cutCommandOf,
  isJsonObject,
  type Json,
  type RecordedEvent,
  type RecordedTrace,
} from "./trace.ts";

/** What the recorder cut short, as far as it can be put together again. */
export interface Completed {
  /** Of a command; null: not known. */
  command(cut: CutCommand): Uint8Array | null;
  /** Of the value that a client's call is recorded with. */
  value(call: RecordedEvent): string;
}

const DOTS = "...";

/**
 * The recorder cuts long values, and tells length and checksum of the commands that hold them. A value that goes on as it ends
 * is found by these.
 */
export function completedCalls({ events }: RecordedTrace): Completed {
  const commands = new Map<string, Uint8Array>();
  const values = new Map<number, string>();
  for (const [at, { event, node, seq, fields }] of events.entries()) {
    const value = String(fields.value);
    if (event !== "client.set" || !value.endsWith(DOTS)) continue;
    const next = events.slice(at).find((e) => e.node === node && e.event === "journal.append");
    const cut = isJsonObject(next?.fields.entry) ? cutCommandOf(next.fields.entry) : null;
    const whole = cut === null ? null : completed(String(fields.key), value, cut);
    if (cut === null || whole === null) continue;
    values.set(seq, whole);
    commands.set(keyOf(cut), encodeSet(String(fields.key), whole));
  }
  return {
    command: (cut) => commands.get(keyOf(cut)) ?? null,
    value: ({ seq, fields }) => values.get(seq) ?? String(fields.value),
  };
}

function keyOf({ length, sha256: sum }: CutCommand): string {
  return `${length}/${sum}`;
}

function completed(key: string, value: string, cut: CutCommand): string | null {
  const start = value.slice(0, -DOTS.length);
  const missing = cut.length - encodeSet(key, start).length;
  if (missing < 0) return null;
  const whole = start + start.slice(-1).repeat(missing);
  const command = encodeSet(key, whole);
  return command.length === cut.length && sha256(command).startsWith(cut.sha256) ? whole : null;
}

/** The recorder cuts texts that are longer than this. */
const CUT_AT = 20;

/**
 * The model's text as the recorder would have cut it: its beginning, with dots behind it, or dots and the length, or nothing.
 * A text that does not begin so is returned as it is, and so is one that is not long.
 */
export function asRecorded(wanted: Json, mine: string): string {
  if (typeof wanted !== "string" || wanted === mine) return mine;
  const [, start = wanted, length] = /^(.*?)\.\.\.(?:\((\d+)\))?$/s.exec(wanted) ?? [];
  const isCut = start.length >= CUT_AT && mine.length > start.length && mine.startsWith(start);
  const isLong = length === undefined || Number(length) === mine.length;
  return isCut && isLong ? wanted : mine;
}
