import { type Check, type Finding, familyOf } from "#audit/check.ts";
import { say, type Tale } from "#audit/explanation/tale.ts";
import type { Call } from "#audit/linearizability/calls.ts";
import type { Conflict } from "#audit/linearizability/histories.ts";
import { inAnswer, inConflict, inQuestion, inWriting } from "#audit/linearizability/sentences.ts";
import { list } from "#audit/words.ts";

export const linearizability: Check = {
  id: "C18",
  title: "Clients see one map",
  about:
    "All answers together are those of one single map, in which each operation had its effect at one moment between its question and its answer (linearizability).",
  source:
    "Herlihy and Wing 1990; Raft paper, section 8 (linearizable semantics); the search: Wing and Gong 1993, Lowe 2017",
  on: ["return"],

  test(ghost, observation): Finding | null {
    if (observation.type !== "return") return null;
    const { broken } = ghost.histories;
    if (broken === null) return null;
    const { server } = observation;
    const against = rivalOf(broken)?.answered ?? null;
    return {
      ...{ family: familyOf(ghost), server, against, entries: null },
      text: inConflict(broken, rivalOf(broken), ghost.servers.size),
    };
  },

  testEnd: null,

  remark({ histories: { undecided } }) {
    if (undecided.size === 0) return "";
    const keys = [...undecided].sort();
    const [which, more] = [keys.slice(0, KEYS_TOLD), keys.length - KEYS_TOLD];
    const names = list(more > 0 ? [...which, `${more} more`] : which);
    return `Not decided within the bound for some answers about ${names}: too many questions overlap. Nothing speaks against the others.`;
  },

  tell(tale, broken) {
    say(tale, broken.sequence, 100, broken.text);
    const conflict = tale.ghost.histories.conflicts.get(broken.sequence);
    if (conflict !== undefined) tellConflict(tale, conflict);
  },
};

const KEYS_TOLD = 4;

/** The latest answer that was given before the last question was asked; null: none was. */
function rivalOf({ call, core, settled }: Conflict): Call | null {
  const before = core.filter((each) => each !== call && each.answered < call.asked);
  const latest = before.reduce<Call | null>(
    (last, each) => (last === null || each.answered > last.answered ? each : last),
    null,
  );
  return latest ?? settled?.by ?? null;
}

function tellConflict(tale: Tale, { call, core, settled, writers }: Conflict): void {
  const by = settled?.by ?? null;
  const told = by === null || core.includes(by) ? core : [by, ...core];
  for (const each of told) {
    if (each !== call) say(tale, each.answered, 80, inAnswer(each));
    say(tale, each.asked, each === call ? 90 : 60, inQuestion(each));
  }
  for (const writer of writers) {
    if (writer !== call) say(tale, writer.asked, 70, inWriting(writer));
    if (writer !== call && writer.status === "done")
      say(tale, writer.answered, 50, inAnswer(writer));
  }
}
