import { type PointerEvent, useState } from "react";
import type { Box } from "#view/ring.ts";

interface Drag {
  readonly x: number;
  readonly y: number;
  readonly box: Box;
}

/** A rectangle drawn on the empty stage selects every server whose card it touches. */
export function useLasso(
  boxes: ReadonlyMap<string, Box>,
  onSelect: (servers: readonly string[]) => void,
) {
  const [drag, setDrag] = useState<Drag | null>(null);

  function place(event: PointerEvent<SVGSVGElement>): { x: number; y: number } {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  return {
    box: drag?.box ?? null,
    handlers: {
      onPointerDown(event: PointerEvent<SVGSVGElement>) {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        const { x, y } = place(event);
        setDrag({ x, y, box: { x, y, width: 0, height: 0 } });
      },
      onPointerMove(event: PointerEvent<SVGSVGElement>) {
        if (drag === null) return;
        const to = place(event);
        const box = {
          x: Math.min(drag.x, to.x),
          y: Math.min(drag.y, to.y),
          width: Math.abs(to.x - drag.x),
          height: Math.abs(to.y - drag.y),
        };
        setDrag({ ...drag, box });
      },
      onPointerUp() {
        if (drag === null) return;
        const { box } = drag;
        setDrag(null);
        const touched = [...boxes].filter(([, card]) => touches(box, card)).map(([id]) => id);
        onSelect(box.width + box.height < 8 ? [] : touched);
      },
      onPointerCancel: () => setDrag(null),
    },
  };
}

function touches(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}
