import { useState } from "react";
import type { DiskFrame } from "#sim/frame.ts";
import { writeBack } from "#ui/actions.ts";
import { Icon } from "#ui/Icon.tsx";
import { useTools } from "#ui/use-tools.ts";
import { agreementText } from "#view/disk-words.ts";
import { EffectGraph } from "./EffectGraph.tsx";
import { EffectList } from "./EffectList.tsx";
import type { Place } from "./place.ts";
import { Survivors } from "./Survivors.tsx";
import type { Choosing } from "./use-choosing.ts";

interface Props {
  readonly disk: DiskFrame;
  readonly place: Place | null;
  readonly onPlace: (place: Place | null) => void;
  readonly choosing: Choosing | null;
}

/** What no sync has covered: as a list or as a graph, to be flushed, or to be chosen from as a crash would. */
export function Pending({ disk, place, onPlace, choosing }: Props) {
  const { session } = useTools();
  const [drawn, setDrawn] = useState(false);
  const { pending, machine } = disk;
  return (
    <div className="pending">
      <h3>
        {`Not flushed: ${pending.length}`}
        {pending.length > 0 && (
          <button
            type="button"
            className="tool small"
            onClick={() => void session.act(writeBack(machine, null))}
          >
            <Icon name="flush" />
            <span>Flush all</span>
          </button>
        )}
      </h3>
      {pending.length === 0 && <p className="note">{agreementText(disk.files)}</p>}
      {pending.length > 0 && (
        <>
          <Survivors disk={disk} choosing={choosing} />
          <div className="picker" role="radiogroup" aria-label="Pending effects as">
            {[false, true].map((each) => (
              <label key={String(each)} data-checked={each === drawn}>
                <input
                  type="radio"
                  className="visually-hidden"
                  name="pending"
                  checked={each === drawn}
                  onChange={() => setDrawn(each)}
                />
                {each ? "what needs what" : "list"}
              </label>
            ))}
          </div>
          {drawn ? (
            <EffectGraph disk={disk} onPlace={onPlace} choosing={choosing} />
          ) : (
            <EffectList disk={disk} place={place} onPlace={onPlace} choosing={choosing} />
          )}
        </>
      )}
    </div>
  );
}
