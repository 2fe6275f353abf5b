import type { CSSProperties } from "react";
import { SECTOR_STATES, type Sector, slabsOf } from "#view/disk-words.ts";
import "#ui/styles/sectors.css";

/** Slabs drawn above each other before they are counted. */
const SLABS = 4;

/** A sector as the stack of its versions: what the platter holds below, newer versions above, and its state as a letter. */
export function SectorMark({ sector }: { readonly sector: Sector }) {
  const { slabs, more } = slabsOf(sector, SLABS);
  return (
    <span className="sector-mark" data-state={sector.state} aria-hidden="true">
      <span className="slabs">
        {more > 0 && <b>{`+${more}`}</b>}
        {slabs
          .map((slab, at) => ({ slab, at }))
          .toReversed()
          .map(({ slab, at }) => (
            <i key={at} data-slab={slab} style={{ "--at": at } as CSSProperties} />
          ))}
      </span>
      <span className="sector-letter">{SECTOR_STATES[sector.state].letter}</span>
    </span>
  );
}
