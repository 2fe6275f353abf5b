import { type FateCell, fateCells, fateWords, shareText } from "#view/sweep-fates.ts";
import { counted, countText } from "#view/sweep-words.ts";
import type { MachineSweep } from "#worker/protocol.ts";

interface Props {
  readonly sweep: MachineSweep;
  /** Opens one of the outcomes. */
  readonly onOpen: (id: string) => void;
}

/** What boots from a machine's crash states are like: each class with its share, and how little it takes. */
export function Fates({ sweep: { fates }, onOpen }: Props) {
  const cells = fateCells(
    fates.map(({ fate }) => fate),
    fates,
  );
  return (
    <ul className="fates" aria-label="What a boot is like">
      {fates.map(({ fate, smallest }, at) => {
        const cell = cells[at];
        const { long, about } = fateWords(fate);
        return (
          <li key={fate} data-fate={fate}>
            <p className="fate-head">
              <span className="fate-name" title={about}>
                {long}
              </span>
              {cell !== undefined && <span className="fate-figures">{cellText(cell)}</span>}
            </p>
            {cell !== undefined && <Share cell={cell} />}
            {smallest !== null && (
              <p className="fate-cause">
                <b>Smallest cause: </b>
                {smallest.text}.{" "}
                <button type="button" className="link" onClick={() => onOpen(smallest.outcome)}>
                  Show it
                </button>
              </p>
            )}
          </li>
        );
      })}
    </ul>
  );
}

export function Share({ cell: { fate, perMille } }: { readonly cell: FateCell }) {
  if (perMille === null) return null;
  return (
    <span className="share" data-fate={fate} aria-hidden="true">
      <i style={{ width: `${perMille / 10}%` }} />
    </span>
  );
}

/** "84 states (85.7 %), 5 outcomes". */
export function cellText({ states, perMille, outcomes }: FateCell): string {
  const found = counted(outcomes, "outcome");
  if (states === null) return found;
  const { short } = countText({ count: states, exact: true });
  const noun = states === "1" ? "state" : "states";
  return `${short} ${noun}${perMille === null ? "" : ` (${shareText(perMille)})`}, ${found}`;
}
