import { memo, useCallback, useEffect, useRef, useState } from "react";
import type { ClientFrame } from "#sim/frame.ts";
import { SIDES } from "#ui/contract.ts";
import { Icon, type IconName } from "#ui/Icon.tsx";
import { type RunState, useRun } from "#ui/run-store.ts";

type Fate = ClientFrame["outcome"] | "missing";

const FATES: Readonly<Record<Fate, { readonly icon: IconName; readonly words: string }>> = {
  waiting: { icon: "clock", words: "asked" },
  ok: { icon: "check", words: "told OK" },
  failed: { icon: "cross", words: "told no" },
  unknown: { icon: "warning", words: "no answer" },
  missing: { icon: "grave", words: "told OK, now missing" },
};

interface Props {
  readonly clients: readonly ClientFrame[];
  readonly onJump: (step: number) => void;
}

/** What clients asked, what they were told, and whether it still holds. */
export const ClientLane = memo(function ClientLane({ clients, onJump }: Props) {
  const missing = useRun(missingAnywhere);
  const { ref, hidden, onScroll } = useHidden(clients.length);
  return (
    <div className="clients-lane" data-more={hidden > 0}>
      <ul className="clients" aria-label="Clients" ref={ref} onScroll={onScroll}>
        {clients.length === 0 && (
          <li className="clients-none">No client has asked for anything yet</li>
        )}
        {ordered(clients, missing.split("\n")).map((each) => {
          const fate: Fate = each.missing ? "missing" : each.outcome;
          const { icon, words } = FATES[fate];
          return (
            <li key={each.id}>
              <button
                type="button"
                className="client"
                data-fate={fate}
                title={`${each.client} asked ${each.server}: ${each.text}. ${words}${each.code === "" ? "" : ` (${each.code})`}`}
                onClick={() => onJump(each.step)}
              >
                <Icon name={icon} />
                <span className="client-text">{clipped(each.text)}</span>
                <span className="client-at">@{each.server}</span>
                <span className="client-fate">{words}</span>
              </button>
            </li>
          );
        })}
      </ul>
      {hidden > 0 && <span className="clients-more" aria-hidden="true">{`+${hidden}`}</span>}
    </div>
  );
});

/** What went missing on any side first, then the newest: the same order on both sides. */
function ordered(
  clients: readonly ClientFrame[],
  missing: readonly string[],
): readonly ClientFrame[] {
  const newest = clients.toReversed();
  const isMissing = (each: ClientFrame) => missing.includes(nameOf(each));
  return [...newest.filter(isMissing), ...newest.filter((each) => !isMissing(each))];
}

/** Names of the requests that are missing on a side, one a line. */
function missingAnywhere({ views }: RunState): string {
  return SIDES.flatMap((side) => views[side]?.frame.clients ?? [])
    .filter((each) => each.missing)
    .map(nameOf)
    .join("\n");
}

/** The same on both sides, where the same client asked the same. */
function nameOf({ client, text }: ClientFrame): string {
  return `${client} ${text}`;
}

/** "set x = y" with a long value cut; the whole is in the title. */
function clipped(text: string): string {
  const at = text.indexOf(" = ");
  const value = text.slice(at + 3);
  if (at < 0 || value.length <= LONGEST) return text;
  return `${text.slice(0, at + 3)}${value.slice(0, LONGEST - 1)}…`;
}

/** Characters of a value. */
const LONGEST = 20;

/** How many requests lie behind the right edge and are reached by scrolling. */
function useHidden(count: number) {
  const ref = useRef<HTMLUListElement>(null);
  const [hidden, setHidden] = useState(0);
  const measure = useCallback(() => {
    const lane = ref.current;
    if (lane === null) return;
    const edge = lane.scrollLeft + lane.clientWidth;
    const items = [...lane.children].filter((item) => item instanceof HTMLElement);
    setHidden(
      items.filter(({ offsetLeft, offsetWidth }) => offsetLeft + offsetWidth / 2 > edge).length,
    );
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is in the lane is measured anew
  useEffect(() => {
    measure();
    const lane = ref.current;
    if (lane === null) return;
    const observer = new ResizeObserver(measure);
    observer.observe(lane);
    return () => observer.disconnect();
  }, [measure, count]);
  return { ref, hidden, onScroll: measure };
}
