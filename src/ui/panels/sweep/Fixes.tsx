import { useState } from "react";
import { useTools } from "#ui/use-tools.ts";
import {
  type FateCell,
  fateTable,
  fateWords,
  SAME_SCHEDULE,
  shareText,
} from "#view/sweep-fates.ts";
import { counted } from "#view/sweep-words.ts";
import type { Compared, RunView } from "#worker/protocol.ts";
import { cellText, Share } from "./Fates.tsx";
import { kindText, OfMoment, Underway } from "./parts.tsx";
import { AskForm, hasPower, NoPower } from "./States.tsx";
import { compareFixes, type FixesFound, useTrials } from "./trials.ts";

/** The same crash under every version of the system: what boots are like under each. */
export function Fixes({ view }: { readonly view: RunView }) {
  const { session } = useTools();
  const { fixes } = useTrials();
  const { step } = view.frame;
  if (!hasPower(view)) return <NoPower />;
  return (
    <>
      <p className="note">{`Would a fix have helped? ${SAME_SCHEDULE}`}</p>
      <AskForm
        view={view}
        section="fixes"
        words={`Compare all versions at step ${step}`}
        onAsk={(ask) => void compareFixes(session, { side: view.side, step }, ask)}
      />
      <Underway section="fixes" />
      {fixes.found !== null && (
        <>
          <OfMoment found={fixes.found} shown={{ side: view.side, step }} />
          <Table found={fixes.found} />
        </>
      )}
    </>
  );
}

interface Chosen {
  readonly of: Compared;
  readonly cell: FateCell;
}

function Table({ found: { ask, presets } }: { readonly found: FixesFound }) {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const { fates, rows } = fateTable(presets);
  const all = rows.flatMap(({ of, cells }) => cells.map((cell) => ({ of, cell })));
  const isSame = (one: Chosen, other: Chosen | null) =>
    one.of === other?.of && one.cell.fate === other.cell.fate;
  const shown = all.find((each) => isSame(each, chosen)) ?? worst(all);
  const capped = rows.filter((row) => row.capped).map(({ of }) => nameOf(of));
  const machines = ask.machines.join(", ");
  const added = ask.machines.length > 1 ? ", each by itself, figures added up" : "";
  return (
    <section className="found" aria-label="All versions">
      <p className="note">{`${kindText(ask.kind)} on ${machines}${added}: the share of crash states from which a boot is like that.`}</p>
      <div className="compared-scroll">
        <table className="compared">
          <thead>
            <tr>
              <th scope="col">version</th>
              {fates.map((fate) => (
                <th key={fate} scope="col" title={fateWords(fate).about}>
                  {fateWords(fate).short}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ of, cells }) => (
              <tr key={nameOf(of)} data-own={of.isOwn}>
                <th scope="row" title={of.title}>
                  {nameOf(of)}
                  {of.isOwn && <small> this run</small>}
                </th>
                {cells.map((cell) => (
                  <td key={cell.fate}>
                    <Cell
                      cell={cell}
                      isShown={isSame({ of, cell }, shown)}
                      onShow={() => setChosen({ of, cell })}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {capped.length > 0 && (
        <p className="cover" data-capped="true">
          {`Not every state was tried of ${capped.join(", ")}: after ${counted(ask.most, "recovery", "recoveries")} a machine the rest was sampled.`}
        </p>
      )}
      {shown !== null && <Why {...shown} />}
    </section>
  );
}

function nameOf({ preset, title }: Compared): string {
  return preset ?? title;
}

/** The worst that the run itself may come to; of a run that always boots well, that. */
function worst(all: readonly Chosen[]): Chosen | null {
  const met = all.filter(({ of, cell }) => of.isOwn && cell.outcomes > 0);
  return met.at(-1) ?? null;
}

interface CellProps {
  readonly cell: FateCell;
  readonly isShown: boolean;
  readonly onShow: () => void;
}

function Cell({ cell, isShown, onShow }: CellProps) {
  const { fate, outcomes, perMille } = cell;
  if (outcomes === 0) return <span className="note">–</span>;
  return (
    <button
      type="button"
      className="compared-cell"
      data-good={fate === "boots"}
      aria-pressed={isShown}
      aria-label={`${fateWords(fate).long}: ${cellText(cell)}`}
      onClick={onShow}
    >
      <span>{perMille === null ? counted(outcomes, "outcome") : shareText(perMille)}</span>
      <Share cell={cell} />
    </button>
  );
}

function Why({ of, cell }: Chosen) {
  const { long, about } = fateWords(cell.fate);
  const causes = of.machines.flatMap(({ machine, fates }) => {
    const text = fates.find(({ fate }) => fate === cell.fate)?.smallest?.text;
    return text === undefined ? [] : [{ machine, text }];
  });
  return (
    <section className="why" aria-live="polite">
      <h4>{`${nameOf(of)}: ${long}`}</h4>
      <p className="note">{`${of.title}. At its step ${of.step}: ${cellText(cell)}.`}</p>
      <p>{about}</p>
      {causes.length > 0 && (
        <ul aria-label="Smallest causes">
          {causes.map(({ machine, text }) => (
            <li key={machine}>
              <b>{`${machine}: `}</b>
              {text}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
