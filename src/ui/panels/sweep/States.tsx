import { machinesOf } from "#ui/actions.ts";
import { useUi } from "#ui/ui-store.ts";
import { useTools } from "#ui/use-tools.ts";
import { grouped, policyText } from "#view/sweep-words.ts";
import type { RunView, SweepAsk } from "#worker/protocol.ts";
import { Found } from "./Found.tsx";
import { KindPicker, Underway } from "./parts.tsx";
import { type Policy, type Section, tryStates, useTrials } from "./trials.ts";

/** Try every crash state here: the question, how far it is, and the answer. */
export function States({ view }: { readonly view: RunView }) {
  const { session } = useTools();
  const { states, made } = useTrials();
  const { step } = view.frame;
  if (!hasPower(view)) return <NoPower />;
  return (
    <>
      <AskForm
        view={view}
        section="states"
        words={`Try every crash state at step ${step}`}
        onAsk={(ask) => void tryStates(session, { side: view.side, step }, ask)}
      />
      <Underway section="states" />
      {states.found !== null && <Found found={states.found} view={view} />}
      {states.found === null && states.running === null && made === null && (
        <p className="note">
          Every set of writes that the disk&apos;s policy lets a crash keep is tried: the server
          boots from it, and what it has then is held against what it promised. Nothing of this is
          done to the run.
        </p>
      )}
    </>
  );
}

export function hasPower({ frame }: RunView): boolean {
  return frame.machines.some(({ power }) => power === "on");
}

export function NoPower() {
  return <p className="note">No machine has power at this step: there is nothing to cut.</p>;
}

interface AskFormProps {
  readonly view: RunView;
  readonly section: Section;
  /** On the button. */
  readonly words: string;
  readonly onAsk: (ask: SweepAsk) => void;
}

/** Which machines fail, how, and under which rules. */
export function AskForm({ view, section, words, onAsk }: AskFormProps) {
  const { kind, policy, most } = useTrials();
  const isRunning = useTrials((state) => state[section].running !== null);
  const chosen = useChosenMachines(view);
  const { machines } = view.frame;
  const up = machines.filter(({ power }) => power === "on").map(({ id }) => id);
  return (
    <form
      className="sweep-form"
      onSubmit={(event) => {
        event.preventDefault();
        onAsk({ machines: chosen, kind, policy, most });
      }}
    >
      <div className="asked">
        <fieldset className="machines">
          <legend className="visually-hidden">Machines that fail together</legend>
          {machines.map(({ id, power }) => (
            <label key={id} data-checked={chosen.includes(id)}>
              <input
                type="checkbox"
                className="visually-hidden"
                checked={chosen.includes(id)}
                disabled={power === "off"}
                onChange={() => toggle(chosen, id)}
              />
              {id}
            </label>
          ))}
          {up.length > 1 && (
            <button
              type="button"
              className="tool small"
              onClick={() => useTrials.setState({ machines: up })}
            >
              All with power
            </button>
          )}
        </fieldset>
        <KindPicker />
      </div>
      <Options />
      <button type="submit" className="tool strong" disabled={chosen.length === 0 || isRunning}>
        {words}
      </button>
    </form>
  );
}

/** The machines in question: those chosen here, else those of the selected servers, else the one with most at stake. */
export function useChosenMachines({ frame }: RunView): readonly string[] {
  const machines = useTrials((state) => state.machines);
  const selected = useUi((state) => state.selected);
  const up = frame.machines.filter(({ power }) => power === "on");
  const wanted = machines ?? machinesOf(frame, selected);
  const chosen = up.map(({ id }) => id).filter((id) => wanted.includes(id));
  if (chosen.length > 0 || machines !== null) return chosen;
  const [most] = up.toSorted((one, other) => other.pending - one.pending);
  return most === undefined ? [] : [most.id];
}

function toggle(chosen: readonly string[], id: string): void {
  const others = chosen.filter((each) => each !== id);
  useTrials.setState({ machines: others.length < chosen.length ? others : [...chosen, id] });
}

const POLICIES: readonly Policy[] = [
  "strict",
  "per-file",
  "data-first",
  "ordered-journal",
  "metadata-first",
  "adversarial",
];
const MOSTS = [2_000, 20_000, 200_000];

function Options() {
  const policy = useTrials((state) => state.policy);
  const most = useTrials((state) => state.most);
  const summary = policy === null ? "each disk's own policy" : policyText(policy);
  return (
    <details className="sweep-options">
      <summary>{`Options: ${summary}`}</summary>
      <label>
        <span>Policy</span>
        <select
          value={policy ?? ""}
          onChange={({ target }) =>
            useTrials.setState({ policy: POLICIES.find((each) => each === target.value) ?? null })
          }
        >
          <option value="">each disk&apos;s own</option>
          {POLICIES.map((each) => (
            <option key={each} value={each}>
              {policyText(each)}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>At most</span>
        <select
          value={most}
          onChange={({ target }) => useTrials.setState({ most: Number(target.value) })}
        >
          {MOSTS.map((each) => (
            <option key={each} value={each}>
              {`${grouped(each)} recoveries a machine`}
            </option>
          ))}
        </select>
      </label>
    </details>
  );
}
