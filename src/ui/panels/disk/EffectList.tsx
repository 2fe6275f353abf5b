import { useState } from "react";
import type { DiskFrame } from "#sim/frame.ts";
import { writeBack } from "#ui/actions.ts";
import { Icon } from "#ui/Icon.tsx";
import { useTools } from "#ui/use-tools.ts";
import { seconds } from "#ui/words.ts";
import type { Effect } from "#view/disk-choice.ts";
import { ruleText } from "#view/disk-words.ts";
import { overlaps, type Place } from "./place.ts";
import type { Choosing } from "./use-choosing.ts";

/** Effects that are listed at once. */
const LISTED = 100;
/** Effects that are named in a row. */
const NAMED = 6;

interface Props {
  readonly disk: DiskFrame;
  readonly place: Place | null;
  readonly onPlace: (place: Place | null) => void;
  readonly choosing: Choosing | null;
}

/** Everything in the page cache that a crash may take, in program order. */
export function EffectList({ disk, place, onPlace, choosing }: Props) {
  const [shown, setShown] = useState(LISTED);
  const { pending } = disk;
  const more = pending.length - shown;
  return (
    <>
      <ol className="effects" aria-label="Pending effects">
        {pending.slice(0, shown).map((effect) => (
          <EffectLine
            key={effect.sequence}
            effect={effect}
            disk={disk}
            looked={overlaps(place, effect.path, effect.offset, effect.length)}
            onPlace={onPlace}
            choosing={choosing}
          />
        ))}
      </ol>
      {more > 0 && (
        <p className="note more-effects">
          <span>{`${more} later ones are not listed.`}</span>
          <button
            type="button"
            className="tool small"
            onClick={() => setShown((now) => now + LISTED)}
          >
            {`List ${Math.min(more, LISTED)} more`}
          </button>
        </p>
      )}
    </>
  );
}

const FORCED = "It is in the device's own cache, which survives a crash of the system";

interface LineProps {
  readonly effect: Effect;
  readonly disk: DiskFrame;
  readonly looked: boolean;
  readonly onPlace: Props["onPlace"];
  readonly choosing: Choosing | null;
}

function EffectLine({ effect, disk, looked, onPlace, choosing }: LineProps) {
  const { session } = useTools();
  const { sequence, path, text, since, forsworn, forced } = effect;
  const isKept = choosing?.kept.has(sequence) ?? false;
  return (
    <li
      data-kept={choosing === null ? "no choice" : isKept}
      data-looked={looked}
      onPointerEnter={() => onPlace(placeOf(effect))}
      onPointerLeave={() => onPlace(null)}
    >
      {choosing !== null && (
        <button
          type="button"
          role="switch"
          className="keep"
          aria-checked={isKept}
          aria-label={`Keep #${sequence}`}
          disabled={forced}
          title={forced ? FORCED : undefined}
          onFocus={() => onPlace(placeOf(effect))}
          onClick={() => choosing.set([sequence], !isKept)}
        >
          {forced ? "stays" : isKept ? "keep" : "lose"}
        </button>
      )}
      <span className="effect-words">
        <span>{`#${sequence} ${path}: ${text}`}</span>
        <small>
          {`since ${seconds(since)}${needsText(effect)}`}
          {forsworn && <b>; a sync said that it was durable</b>}
        </small>
      </span>
      <button
        type="button"
        className="tool small"
        aria-label={`Write #${sequence} to the platter now`}
        title={`Write #${sequence} to the platter now, with what its page held before and all that it needs`}
        onFocus={() => onPlace(placeOf(effect))}
        onClick={() => void session.act(writeBack(disk.machine, [sequence]))}
      >
        <Icon name="flush" />
      </button>
    </li>
  );
}

export function placeOf({ path, offset, length }: Effect): Place | null {
  return length === 0 ? null : { path, offset, length };
}

/** ", only with #9: it writes where the truncate #9 cut off older data"; the first rule stands for the others. */
export function needsText({ needs, why }: Effect): string {
  const [first] = needs;
  if (first === undefined) return "";
  const rule = why.find(({ sequence }) => sequence === first)?.rule ?? null;
  const named = needs.slice(0, NAMED).map((need) => `#${need}`);
  if (needs.length > NAMED) named.push(`${needs.length - NAMED} more`);
  return `, only with ${named.join(", ")}: ${ruleText(rule, "it", `#${first}`)}`;
}
