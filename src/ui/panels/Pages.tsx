import { useState } from "react";
import type { DiskFrame, FileFrame } from "#sim/frame.ts";
import { Icon } from "#ui/Icon.tsx";
import { useTools } from "#ui/use-tools.ts";
import { seconds } from "#ui/words.ts";

const WORDS = { clean: "clean", dirty: "not flushed", torn: "partly flushed" };

/** A file's 4096-byte pages, each with its state; a dirty one can be flushed. */
export function Pages({ file, machine }: { readonly file: FileFrame; readonly machine: string }) {
  const { session } = useTools();
  const [chosen, setChosen] = useState<number | null>(null);
  const page =
    file.pages.find((each) => each.page === chosen) ??
    file.pages.find(({ state }) => state !== "clean");
  return (
    <div className="pages">
      <ul aria-label="Pages">
        {file.pages.map(({ page: number, state }) => (
          <li key={number}>
            <button
              type="button"
              data-state={state}
              aria-pressed={number === page?.page}
              aria-label={`Page ${number}, ${WORDS[state]}`}
              title={`Page ${number}, ${WORDS[state]}`}
              onClick={() => setChosen(number)}
            />
          </li>
        ))}
      </ul>
      {page !== undefined && (
        <p>
          {`Page ${page.page} is ${WORDS[page.state]}. `}
          {page.pending.length > 0 && (
            <button
              type="button"
              className="tool small"
              onClick={() =>
                void session.act({ type: "write-back", machine, effects: page.pending })
              }
            >
              <Icon name="flush" />
              <span>Flush this page</span>
            </button>
          )}
        </p>
      )}
    </div>
  );
}

interface PendingProps {
  readonly effects: DiskFrame["pending"];
  readonly machine: string;
}

/** Everything in the page cache that a power loss would take. */
export function Pending({ effects, machine }: PendingProps) {
  const { session } = useTools();
  return (
    <div className="pending">
      <h3>
        {`Not flushed: ${effects.length}`}
        {effects.length > 0 && (
          <button
            type="button"
            className="tool small"
            onClick={() => void session.act({ type: "write-back", machine, effects: null })}
          >
            <Icon name="flush" />
            <span>Flush all</span>
          </button>
        )}
      </h3>
      <ol>
        {effects.slice(0, SHOWN).map(({ sequence, path, text, since, needs }) => (
          <li key={sequence}>
            <span>{`#${sequence} ${path}: ${text}`}</span>
            <small className="pending-since">
              {`since ${seconds(since)}`}
              {needs.length > 0 &&
                `, only together with ${needs.map((each) => `#${each}`).join(", ")}`}
            </small>
          </li>
        ))}
      </ol>
      {effects.length > SHOWN && (
        <p className="note">{`${effects.length - SHOWN} more are not listed.`}</p>
      )}
    </div>
  );
}

const SHOWN = 200;
