import { memo } from "react";
import type { ClientFrame } from "#sim/frame.ts";
import { Icon, type IconName } from "#ui/Icon.tsx";

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
  return (
    <ul className="clients" aria-label="Clients">
      {clients.length === 0 && (
        <li className="clients-none">No client has asked for anything yet</li>
      )}
      {ordered(clients).map((each) => {
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
              <span className="client-text">{each.text}</span>
              <span className="client-at">@{each.server}</span>
              <span className="client-fate">{words}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
});

/** What went missing first, then the newest. */
function ordered(clients: readonly ClientFrame[]): readonly ClientFrame[] {
  const newest = clients.toReversed();
  return [...newest.filter(({ missing }) => missing), ...newest.filter(({ missing }) => !missing)];
}
