import { Fragment, memo, useMemo, useState } from "react";
import type { ServerFrame } from "#sim/frame.ts";
import { pictureOf, pictureText, type ServerPicture } from "#view/sweep-picture.ts";
import { byVerdict, counted, familyText, wrongText } from "#view/sweep-words.ts";
import { hueOf } from "#view/terms.ts";
import type { MachineSweep, Outcome } from "#worker/protocol.ts";
import { OutcomeDetail } from "./OutcomeDetail.tsx";
import { VerdictMark } from "./parts.tsx";
import type { StatesFound } from "./trials.ts";

/** So many log cells a picture has room for. */
const CELLS = 9;
const COLUMNS = 2;
/** So many pictures at first, and with each wish for more. */
const PICTURES = 24;

interface Props {
  readonly sweep: MachineSweep;
  readonly found: StatesFound;
  /** The one that is told in full. */
  readonly open: string | null;
  readonly onOpen: (id: string | null) => void;
}

/** The outcomes of a machine as small pictures, bad ones first; one of them opened. */
export function Outcomes({ sweep, found, open, onOpen }: Props) {
  const { bad, excused, refused, good } = byVerdict(sweep.outcomes);
  const group = (outcomes: readonly Outcome[], title: string) =>
    outcomes.length > 0 && <Group {...{ outcomes, title, sweep, found, open, onOpen }} />;
  return (
    <>
      {group(bad, counted(bad.length, "bad outcome"))}
      {group(excused, `${counted(excused.length, "outcome")} bad by the disk`)}
      {group(refused, `${counted(refused.length, "outcome")} where a damaged disk is refused`)}
      {group(good, counted(good.length, "good outcome"))}
    </>
  );
}

interface GroupProps extends Props {
  readonly outcomes: readonly Outcome[];
  readonly title: string;
}

function Group({ outcomes, title, sweep, found, open, onOpen }: GroupProps) {
  const [wanted, setMost] = useState(PICTURES);
  const most = Math.max(wanted, outcomes.findIndex(({ id }) => id === open) + 1);
  const shown = outcomes.slice(0, most);
  const at = shown.findIndex(({ id }) => id === open);
  /** The opened one is told below its row. */
  const end = at < 0 ? -1 : Math.min(shown.length - 1, at - (at % COLUMNS) + COLUMNS - 1);
  const opened = shown[at];
  return (
    <>
      <h4>{title}</h4>
      <ul className="outcomes" aria-label={title}>
        {shown.map((outcome, place) => (
          <Fragment key={outcome.id}>
            <li>
              <Card
                outcome={outcome}
                servers={found.servers}
                isOpen={outcome.id === open}
                onOpen={onOpen}
              />
            </li>
            {place === end && opened !== undefined && (
              <li className="outcome-detail">
                <OutcomeDetail outcome={opened} sweep={sweep} found={found} />
              </li>
            )}
          </Fragment>
        ))}
      </ul>
      {outcomes.length > most && (
        <button type="button" className="tool small more" onClick={() => setMost(most + PICTURES)}>
          {`Show more (${outcomes.length - most} are not shown)`}
        </button>
      )}
    </>
  );
}

interface CardProps {
  readonly outcome: Outcome;
  readonly servers: readonly ServerFrame[];
  readonly isOpen: boolean;
  readonly onOpen: (id: string | null) => void;
}

const Card = memo(function Card({ outcome, servers, isOpen, onOpen }: CardProps) {
  const { id, good, family } = outcome;
  const pictures = useMemo(() => pictureOf(outcome, servers, CELLS), [outcome, servers]);
  const why = wrongText(outcome);
  const whose = familyText(family);
  const words = good ? whose : family === "violation" ? why : `${whose}: ${why}`;
  return (
    <button
      type="button"
      className="outcome"
      data-good={good}
      data-family={family ?? "good"}
      aria-expanded={isOpen}
      aria-label={`${good ? "Good" : `${sentenceCase(whose)}: ${why}`}. ${pictures.map(pictureText).join("; ")}`}
      onClick={() => onOpen(isOpen ? null : id)}
    >
      <VerdictMark family={family} words={words} />
      {pictures.map((picture) => (
        <Picture key={picture.server} picture={picture} named={pictures.length > 1} />
      ))}
    </button>
  );
});

function sentenceCase(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** One server after the boot: term, vote and the end of its log, each beside what it had in memory. */
function Picture({ picture, named }: { readonly picture: ServerPicture; readonly named: boolean }) {
  const { server, failure, term, vote, cells, earlier, counts } = picture;
  const had = counts.kept + counts.lost + counts.changed;
  if (failure !== null) {
    return (
      <span className="picture" data-boots="false">
        <span className="picture-failure">{`${named ? `${server}: ` : ""}${failure}`}</span>
      </span>
    );
  }
  return (
    <span className="picture">
      <span className="picture-state">
        {named && <b>{server}</b>}
        <span data-fate={term.fate}>
          term <b>{term.value}</b>
          {term.fate !== "kept" && <s>{term.was}</s>}
        </span>
        <span data-fate={vote.fate}>
          vote <b>{vote.value ?? "–"}</b>
          {vote.fate !== "kept" && <s>{vote.was ?? "–"}</s>}
        </span>
        <span data-fate={counts.kept < had ? "lost" : "kept"}>
          {had === 0 ? (
            "log was empty"
          ) : (
            <>
              log <b>{counts.kept}</b>
              {` of ${had}`}
            </>
          )}
        </span>
      </span>
      <span className="picture-log">
        {earlier > 0 && <small>…</small>}
        {cells.map(({ index, term: of, fate }) => (
          <i key={index} data-fate={fate} data-hue={hueOf(of)}>
            {fate === "lost" ? "" : of}
          </i>
        ))}
        {cells.length === 0 && <small>no entries</small>}
      </span>
    </span>
  );
}
