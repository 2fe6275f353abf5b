import { createContext, useContext } from "react";
import { assert } from "#base/assert.ts";
import { perform } from "./commands.ts";
import type { Command } from "./keys.ts";
import type { Player } from "./player.ts";
import type { Session } from "./session.ts";

interface Tools {
  readonly session: Session;
  readonly player: Player;
}

export const ToolsContext = createContext<Tools | null>(null);

export function useTools(): Tools {
  const tools = useContext(ToolsContext);
  assert(tools !== null, "components live inside a ToolsContext");
  return tools;
}

/** What a button does that has a key too. */
export function useCommand(): (command: Command) => void {
  const tools = useTools();
  return (command) => perform(command, tools);
}
