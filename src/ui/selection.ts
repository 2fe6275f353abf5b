import type { Side } from "#worker/protocol.ts";
import { changeUi, type Tab } from "./ui-store.ts";

/** What the inspector may go on showing when a server is selected. */
const OF_A_SERVER: readonly Tab[] = ["server", "disk", "crash"];

/** Selects servers on a side; the inspector shows the first. */
export function select(side: Side, servers: readonly string[]): void {
  changeUi((state) => {
    state.side = side;
    state.selected = [...servers];
    if (servers.length > 0 && !OF_A_SERVER.includes(state.tab)) state.tab = "server";
  });
}

/** Adds a server to the selection, or takes it out. */
export function toggle(side: Side, server: string): void {
  changeUi((state) => {
    const others = state.selected.filter((id) => id !== server);
    const was = others.length < state.selected.length && state.side === side;
    state.selected = was ? others : [...others, server];
    state.side = side;
  });
}
