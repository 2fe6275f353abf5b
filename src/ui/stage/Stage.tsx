import { memo, useMemo } from "react";
import type { MachineFrame, ServerFrame } from "#sim/frame.ts";
import { tableOf } from "#ui/derived.ts";
import { Later } from "#ui/later.tsx";
import { useIsStill } from "#ui/media.ts";
import { select } from "#ui/selection.ts";
import { useUi } from "#ui/ui-store.ts";
import { useCalmWhilePlaying } from "#ui/use-calm-while-playing.ts";
import { type Box, placeServers, type RingLayout, type Size } from "#view/ring.ts";
import type { RunView } from "#worker/protocol.ts";
import { arrange, scaleOf } from "./arrange.ts";
import { ClientLane } from "./ClientLane.tsx";
import { Arrows, CROWD, Flights } from "./Flights.tsx";
import { Links } from "./Links.tsx";
import { Patterns } from "./Patterns.tsx";
import { STANDING_WORDS, standingOf } from "./RoleMark.tsx";
import { ServerCard } from "./ServerCard.tsx";
import { StageHeader } from "./StageHeader.tsx";
import { useLasso } from "./use-lasso.ts";
import { useSize } from "./use-size.ts";

interface Props {
  readonly view: RunView;
  readonly title: string;
  /** Is this the side that inspector and matrix show? */
  readonly current: boolean;
  readonly onJump: (step: number) => void;
}

/** One side's cluster: machines on a ring, what flies between them, and what clients were told. */
export function Stage({ view, title, current, onJump }: Props) {
  const [ref, size] = useSize<HTMLDivElement>();
  const clients = useCalmWhilePlaying(view.frame.clients);
  const differs = tableOf(view.frame).differing.length > 0;
  return (
    <section
      className="stage"
      aria-label={`Cluster: ${title}`}
      data-side={view.side}
      data-current={current}
      data-diverged={differs}
      data-testid={`stage-${view.side}`}
    >
      <StageHeader view={view} title={title} current={current} />
      <div className="ring" ref={ref}>
        {size !== null && size.width > 0 && <Ring view={view} size={size} />}
      </div>
      <ClientLane clients={clients} onJump={onJump} />
    </section>
  );
}

function Ring({ view, size }: { readonly view: RunView; readonly size: Size }) {
  const { frame, side } = view;
  const { messages } = frame;
  const still = useIsStill();
  const count = frame.machines.length;
  const layout = useMemo(() => arrange(count, size), [count, size]);
  const boxes = useBoxes(layout, frame.machines);
  const lasso = useLasso(boxes, (servers) => select(side, servers));
  const scale = Math.min(1.1, scaleOf(layout.cards[0] ?? NO_BOX) + 0.1);
  const Messages = still ? Arrows : Flights;
  return (
    <>
      <svg
        className="ring-drawing"
        data-crowd={messages.length > CROWD}
        width={size.width}
        height={size.height}
        aria-hidden="true"
        {...lasso.handlers}
      >
        <Patterns />
        <Links frame={frame} layout={layout} boxes={boxes} />
        <Cards view={view} boxes={boxes} />
        <Messages messages={messages} boxes={boxes} stage={size} scale={scale} />
        {lasso.box !== null && <rect className="lasso" {...lasso.box} />}
      </svg>
      <CardMenus view={view} boxes={boxes} />
    </>
  );
}

interface CardsProps {
  readonly view: RunView;
  readonly boxes: ReadonlyMap<string, Box>;
}

/** All servers, drawn. */
const Cards = memo(function Cards({ view, boxes }: CardsProps) {
  const { frame, side } = view;
  const chosen = useChosen(side);
  const differing = useMemo(() => serversThatDiffer(view), [view]);
  const machineOf = machinesByServer(frame);
  return frame.servers.map((server) => {
    const box = boxes.get(server.id) ?? NO_BOX;
    return (
      <g key={server.id} transform={`translate(${box.x} ${box.y}) scale(${scaleOf(box)})`}>
        <ServerCard
          server={server}
          power={machineOf.get(server.id)?.power ?? "off"}
          offBy={machineOf.get(server.id)?.offBy ?? null}
          selected={chosen.includes(server.id)}
          differs={differing.has(server.id)}
        />
      </g>
    );
  });
});

/** All servers as controls, over their drawings. */
const CardMenus = memo(function CardMenus({ view, boxes }: CardsProps) {
  const { frame, side } = view;
  const chosen = useChosen(side);
  const machineOf = machinesByServer(frame);
  return frame.servers.map((server) => (
    <Later.CardMenu
      key={server.id}
      server={server.id}
      label={describe(server, machineOf.get(server.id) ?? NO_MACHINE)}
      side={side}
      box={boxes.get(server.id) ?? NO_BOX}
      selected={chosen.includes(server.id)}
    />
  ));
});

/** Where the servers are: the same boxes until there are other ones. */
function useBoxes(layout: RingLayout, machines: readonly MachineFrame[]) {
  const names = JSON.stringify(machines.map(({ servers }) => servers));
  // biome-ignore lint/correctness/useExhaustiveDependencies: of the machines only their servers matter
  return useMemo(() => placeServers(layout, machines), [layout, names]);
}

function useChosen(side: RunView["side"]): readonly string[] {
  return useUi((state) => (state.side === side ? state.selected : NOBODY));
}

function machinesByServer({ machines }: RunView["frame"]): ReadonlyMap<string, MachineFrame> {
  return new Map(
    machines.flatMap((machine) => machine.servers.map((id) => [id, machine] as const)),
  );
}

const NOBODY: readonly string[] = [];
const NO_BOX: Box = { x: 0, y: 0, width: 0, height: 0 };

const NO_MACHINE = { power: "off", offBy: null } as const;

function describe(server: ServerFrame, machine: Pick<MachineFrame, "power" | "offBy">): string {
  const standing = STANDING_WORDS[standingOf(server, machine)];
  const { currentTerm, lastIndex } = server.memory;
  if (machine.power === "off" || server.process !== "up") return `${server.id}, ${standing}`;
  return `${server.id}, ${standing}, term ${currentTerm ?? "unknown"}, log up to ${lastIndex}, committed up to ${server.commitIndex}`;
}

/** Servers in the minority on some key that contradicts; all of them when there is no majority. */
function serversThatDiffer({ frame }: RunView): ReadonlySet<string> {
  const table = tableOf(frame);
  const found = new Set<string>();
  for (const row of table.rows) {
    if (row.verdict !== "differs") continue;
    const counts = new Map<string | null, number>();
    for (const cell of row.values) {
      const value = cell?.value ?? null;
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    for (const [at, cell] of row.values.entries()) {
      const server = table.servers[at];
      const same = counts.get(cell?.value ?? null) ?? 0;
      if (server !== undefined && same * 2 <= row.values.length) found.add(server);
    }
  }
  return found;
}
