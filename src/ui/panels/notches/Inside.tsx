import { useEffect, useState } from "react";
import { KindPicker, kindText, OfMoment, Underway } from "#ui/panels/sweep/parts.tsx";
import { BOTH_SIDES } from "#ui/panels/sweep/stand-at.ts";
import { type InsideFound, type Kind, tryInside, useTrials } from "#ui/panels/sweep/trials.ts";
import { useTools } from "#ui/use-tools.ts";
import { firstNotch, foldReads, machinesIn, notchText } from "#view/sweep-notches.ts";
import { counted } from "#view/sweep-words.ts";
import type { NotchReport, RunView, Side } from "#worker/protocol.ts";
import { cutInside } from "./cut-inside.ts";
import { NotchLine } from "./NotchLine.tsx";

interface Props {
  readonly view: RunView;
  readonly playing: boolean;
}

/** The event of the step shown, taken apart: where power may fail inside it, and what that comes to. */
export function Inside({ view, playing }: Props) {
  const kind = useTrials((state) => state.kind);
  const inside = useTrials((state) => state.inside);
  const { step } = view.frame;
  useTried(view, kind, playing);
  const { found } = inside;
  const isShown = found?.side === view.side && found.step === step && found.kind === kind;
  return (
    <>
      <KindPicker />
      <Underway section="inside" />
      {found !== null && (
        <OfMoment found={found} shown={{ side: view.side, step }}>
          {found.notches.length === 0 && (
            <p className="note">
              No machine has done anything yet that power could cut apart. Go to a step in which a
              server handles a message or a timer.
            </p>
          )}
        </OfMoment>
      )}
      {found !== null && found.notches.length > 0 && (
        <Event
          key={`${found.side} ${found.step} ${found.kind}`}
          found={found}
          side={view.side}
          isShown={isShown}
        />
      )}
      {playing && <p className="note">Pause, and the event of that step is taken apart here.</p>}
    </>
  );
}

/** Takes the event apart whenever a step has been looked at for a moment. */
function useTried({ side, frame }: RunView, kind: Kind, playing: boolean): void {
  const { session } = useTools();
  const { step } = frame;
  const found = useTrials((state) => state.inside.found);
  const problem = useTrials((state) => state.inside.problem);
  const isThere = found?.side === side && found.step === step && found.kind === kind;
  useEffect(() => {
    if (playing || isThere || problem !== null) return;
    const timer = setTimeout(() => void tryInside(session, { side, step }, kind), 150);
    return () => clearTimeout(timer);
  }, [session, side, step, kind, playing, isThere, problem]);
  useEffect(() => {
    // What could not be taken apart at one step may be at another.
    if (step >= 0) useTrials.setState(({ inside }) => ({ inside: { ...inside, problem: null } }));
  }, [step]);
}

interface EventProps {
  readonly found: InsideFound;
  readonly side: Side;
  readonly isShown: boolean;
}

function Event({ found, side, isShown }: EventProps) {
  const { notches: all, kind, event } = found;
  const machines = machinesIn(all);
  const [machine, setMachine] = useState(machines[0] ?? "");
  const notches = foldReads(all.filter((notch) => notch.machine === machine));
  const [places, setPlaces] = useState<Readonly<Record<string, number>>>({});
  const at = places[machine] ?? firstNotch(notches);
  const notch = notches[at];
  return (
    <section className="inside" aria-label="Inside the event" aria-busy={!isShown}>
      {isShown && event !== found.step && <Earlier found={found} />}
      <h3>{summary(notches, machine, event)}</h3>
      {machines.length > 1 && (
        <div className="picker" role="radiogroup" aria-label="Machine of the event">
          {machines.map((each) => (
            <label key={each} data-checked={each === machine}>
              <input
                type="radio"
                className="visually-hidden"
                name="notch-machine"
                checked={each === machine}
                onChange={() => setMachine(each)}
              />
              {each}
            </label>
          ))}
        </div>
      )}
      <NotchLine
        notches={notches}
        at={at}
        kind={kind}
        onMove={(place) => setPlaces({ ...places, [machine]: place })}
      />
      {notch !== undefined && (
        <Here
          text={notchText(notches, at, kind)}
          notch={notch}
          kind={kind}
          event={event}
          side={side}
          can={isShown}
        />
      )}
    </section>
  );
}

function summary(notches: readonly NotchReport[], machine: string, step: number): string {
  const unsafe = notches.filter(({ verdict }) => verdict === "unsafe").length;
  const all = counted(notches.length, "place");
  return unsafe === 0
    ? `${machine} in step ${step}: ${all}, all safe`
    : `${machine} in step ${step}: ${unsafe} of ${all} unsafe`;
}

/** Says that the event is not the one of the step shown, and which it is. */
function Earlier({ found: { side, step, event } }: { readonly found: InsideFound }) {
  const { player } = useTools();
  return (
    <p className="elsewhen">
      {`No machine does anything in step ${step}. This is the last event before it: `}
      <button type="button" className="link" onClick={() => player.jump(event, side)}>
        {`step ${event}`}
      </button>
      .
    </p>
  );
}

interface HereProps {
  readonly text: string;
  readonly notch: NotchReport;
  readonly kind: Kind;
  /** The step of the event. */
  readonly event: number;
  readonly side: Side;
  readonly can: boolean;
}

/** The sentence for the notch under the handle, and what can be done there. */
function Here({ text, notch, kind, event, side, can }: HereProps) {
  const { session } = useTools();
  const what = kind === "power" ? "Cut the power here" : "Crash the system here";
  return (
    <div className="here" data-verdict={notch.verdict}>
      <p>{text}</p>
      <div className="group">
        <button
          type="button"
          className="tool strong"
          disabled={!can}
          onClick={() => void cutInside(session, { notch, kind, side, step: event }, false)}
        >
          {what}
        </button>
        <button
          type="button"
          className="tool"
          disabled={!can}
          title={`${kindText(kind)} here, and power comes back a second later`}
          onClick={() => void cutInside(session, { notch, kind, side, step: event }, true)}
        >
          …and boot again
        </button>
      </div>
      {side === "twin" && <small className="note">{BOTH_SIDES}</small>}
    </div>
  );
}
