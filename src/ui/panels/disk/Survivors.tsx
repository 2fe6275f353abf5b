import { useEffect, useRef, useState } from "react";
import type { DiskFrame } from "#sim/frame.ts";
import { crash, restart } from "#ui/actions.ts";
import { Icon } from "#ui/Icon.tsx";
import { useRun } from "#ui/run-store.ts";
import { useTools } from "#ui/use-tools.ts";
import { choiceText, crashWords } from "#view/disk-words.ts";
import { type Choosing, setChoosing } from "./use-choosing.ts";

const TOLD = 3;

interface Props {
  readonly disk: DiskFrame;
  readonly choosing: Choosing | null;
}

/** The bar under which survivors are chosen: how many, why more changed than was asked, and the crash that keeps them. */
export function Survivors({ disk, choosing }: Props) {
  const { pending, kind } = disk;
  if (choosing === null) {
    return (
      <button
        type="button"
        className="tool small choose"
        disabled={pending.length === 0}
        onClick={() => setChoosing(true)}
      >
        <Icon name="check" />
        <span>{`Choose what ${crashWords(kind)} keeps`}</span>
      </button>
    );
  }
  return <Choice disk={disk} choosing={choosing} />;
}

function Choice({ disk, choosing }: { readonly disk: DiskFrame; readonly choosing: Choosing }) {
  const { pending, kind } = disk;
  const { kept, told } = choosing;
  const hasTwin = useRun((state) => state.views.twin !== undefined);
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    section.current?.closest(".pending")?.scrollIntoView({ block: "start" });
  }, []);
  const all = pending.map(({ sequence }) => sequence);
  return (
    <section ref={section} className="survivors" aria-label={`What ${crashWords(kind)} keeps`}>
      <div className="survivors-head">
        <strong aria-live="polite">{choiceText(kept, pending)}</strong>
        <button type="button" className="tool small" onClick={() => choosing.set(all, true)}>
          Keep all
        </button>
        <button type="button" className="tool small" onClick={() => choosing.set(all, false)}>
          Lose all
        </button>
        <button
          type="button"
          className="tool small"
          aria-label="Stop choosing"
          onClick={() => setChoosing(false)}
        >
          <Icon name="close" />
        </button>
      </div>
      <Why told={told} />
      {hasTwin && (
        <p className="note">
          Both sides crash. On the other one the same numbers may name other writes.
        </p>
      )}
      <CrashButtons disk={disk} choosing={choosing} />
    </section>
  );
}

function Why({ told }: { readonly told: readonly string[] }) {
  return (
    <ul className="choice-why" aria-live="polite">
      {told.slice(0, TOLD).map((text) => (
        <li key={text}>{text}</li>
      ))}
      {told.length > TOLD && <li>{`And ${told.length - TOLD} more by the same rules.`}</li>}
    </ul>
  );
}

function CrashButtons({
  disk: { machine, kind },
  choosing,
}: {
  readonly disk: DiskFrame;
  readonly choosing: Choosing;
}) {
  const { session } = useTools();
  const [again, setAgain] = useState(true);
  const survivors = { type: "chosen", effects: [...choosing.kept].sort((a, b) => a - b) } as const;
  const make = again ? restart : crash;
  return (
    <div className="crash-buttons">
      <button
        type="button"
        className="tool strong"
        onClick={() => {
          setChoosing(false);
          void session.act(make([machine], kind, survivors));
        }}
      >
        <Icon name={kind === "power" ? "power" : "skull"} />
        <span>
          {kind === "power"
            ? "Cut the power with exactly this"
            : "Crash the system with exactly this"}
        </span>
      </button>
      <label className="tick">
        <input
          type="checkbox"
          checked={again}
          onChange={(event) => setAgain(event.target.checked)}
        />
        <span>and boot again</span>
      </label>
    </div>
  );
}
