import type { ClientOperation, ServerId } from "#raft/types.ts";
import type { Happening, Observation } from "#sim/observation.ts";

/**
 * What clients ask and are told, one step a line:
 *
 *     w1 asks A to set x = 1 · r1 asks B for x · c1 asks A to set x = 2 if 1 (or: if absent) · i1 asks A to add 2 to x
 *     w1 ok (with "at 5": in the log at 5) · r1 sees 1 (or: sees absent) · c1 misses 3 · i1 makes 4 · w1 failed · w1 unknown
 *     r1 asks B for x sees 1  (asked and answered in one step)
 */
export function exchange(text: string): Observation[] {
  const history: Observation[] = [];
  const asked = new Map<string, { operation: ClientOperation; server: ServerId }>();
  let step = 0;
  const note = (happening: Happening) => {
    history.push({ sequence: history.length, step, time: step, cause: null, ...happening });
  };
  for (const line of text.split("\n")) {
    const words = line.trim().split(/\s+/);
    const [id = "", verb = ""] = words;
    if (id === "") continue;
    step += 1;
    let rest = words.slice(1);
    if (verb === "asks") {
      const call = { operation: operationOf(id, words.slice(3)), server: words[2] ?? "" };
      asked.set(id, call);
      note({ type: "invoke", ...call });
      const at = words.indexOf("sees");
      if (at < 0) continue;
      rest = words.slice(at);
    }
    const call = asked.get(id);
    if (call === undefined) throw new Error(`nobody asked: ${line}`);
    note({ type: "return", ...call, ...resultOf(rest) });
  }
  return history;
}

function operationOf(id: string, words: readonly string[]): ClientOperation {
  const [how, what = ""] = words;
  const blank = { id, client: `client-${id}`, value: "", expected: null };
  if (how === "for") return { ...blank, type: "read", key: what };
  if (what === "add")
    return { ...blank, type: "increment", value: words[2] ?? "", key: words[4] ?? "" };
  const [key = "", value = "", expected] = [words[2], words[4], words[6]];
  if (expected === undefined) return { ...blank, type: "write", key, value };
  return { ...blank, type: "compare-and-set", key, value, expected: readValue(expected) };
}

function resultOf([how = "", what = "", place]: readonly string[]) {
  const index = Number(how === "ok" ? place : 0);
  const entry = index > 0 ? { index, term: 1 } : null;
  if (how === "failed" || how === "unknown") {
    return { result: { outcome: how, code: "", value: null }, entry } as const;
  }
  const outcome = how === "misses" ? "failed" : "ok";
  const value = how === "ok" ? null : readValue(what);
  const missed = how === "misses" ? { index: 1, term: 1 } : entry;
  return { result: { outcome, code: "", value }, entry: missed } as const;
}

function readValue(word: string): string | null {
  return word === "absent" ? null : word;
}
