import { useEffect } from "react";
import { LIBRARY, type LibraryEntry } from "#library/registry.ts";
import { Icon } from "#ui/Icon.tsx";
import { openLibrary } from "#ui/opening.ts";
import { useRun } from "#ui/run-store.ts";
import { useUi } from "#ui/ui-store.ts";
import { useCommand, useTools } from "#ui/use-tools.ts";
import type { StoredRun } from "#worker/protocol.ts";
import { closeDialog, DialogFrame } from "./DialogFrame.tsx";

const SHELVES = [
  { kind: "incident", title: "Incidents" },
  { kind: "lesson", title: "Lessons" },
  { kind: "disk", title: "What a disk may do" },
  { kind: "recorded", title: "Recorded runs of real systems" },
] as const;

/** What comes with the page, and what this browser has kept. */
export function LibraryDialog() {
  const { session } = useTools();
  const runs = useUi((state) => state.runs);
  useEffect(() => void session.listRuns(), [session]);
  return (
    <DialogFrame
      title="Library"
      about="Recorded incidents and lessons, and the runs that this browser keeps."
      wide
    >
      {SHELVES.map(({ kind, title }) => (
        <section key={kind} className="shelf">
          <h3>{title}</h3>
          {kind === "incident" && <Fixes />}
          <ul className="library">
            {LIBRARY.filter((each) => each.kind === kind).map((entry) => (
              <Entry key={entry.id} entry={entry} />
            ))}
          </ul>
        </section>
      ))}
      <section className="shelf" aria-label="Your runs">
        <h3>Your runs</h3>
        {runs.length === 0 && <p className="note">Nothing is kept yet.</p>}
        <ul className="library">
          {runs.map((run) => (
            <Run key={run.run} run={run} />
          ))}
        </ul>
      </section>
    </DialogFrame>
  );
}

/** The way to all that PySyncObj's fixes were tried on, incidents or not. */
function Fixes() {
  const perform = useCommand();
  return (
    <button type="button" className="tool to-fixes" onClick={() => perform("matrix")}>
      <Icon name="check" />
      <span>Which fix of PySyncObj helps against what? A table of fifteen schedules</span>
    </button>
  );
}

function Entry({ entry }: { readonly entry: LibraryEntry }) {
  const { session, player } = useTools();
  return (
    <li>
      <button
        type="button"
        className="library-entry"
        onClick={() => {
          closeDialog();
          void openLibrary(session, entry.id).then((opened) => opened && player.play());
        }}
      >
        <strong>{entry.title}</strong>
        <span>{entry.about}</span>
        <code>{entry.id}</code>
      </button>
    </li>
  );
}

function Run({ run }: { readonly run: StoredRun }) {
  const { session } = useTools();
  const isShown = useRun((state) => state.run === run.run);
  return (
    <li className="stored-run">
      <button
        type="button"
        className="library-entry"
        onClick={() => {
          closeDialog();
          void session.resume(run.run);
        }}
      >
        <strong>{run.title}</strong>
        <span>
          {`step ${run.step} of ${Math.max(0, run.steps - 1)}, saved ${new Date(run.savedAt).toLocaleString()}`}
          {isShown && ", shown now"}
        </span>
      </button>
      <button type="button" className="tool" onClick={() => void session.forget(run.run)}>
        Forget
      </button>
    </li>
  );
}
