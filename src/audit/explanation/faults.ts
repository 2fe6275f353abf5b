import { list } from "#audit/words.ts";
import type { Observation } from "#sim/observation.ts";
import { say, type Tale } from "./tale.ts";

/** What went wrong with disks so far, whoever's they are. */
export function tellFaults(tale: Tale): void {
  for (const observation of tale.chronicle.history) {
    if (observation.sequence > tale.until) return;
    const told = inFault(observation);
    if (told !== null) say(tale, observation.sequence, 72, told);
  }
}

function inFault(observation: Observation): string | null {
  switch (observation.type) {
    case "disk-fault": {
      if (observation.refused !== null) return null;
      return `${observation.text}.`;
    }
    case "forsworn": {
      const { effects, machine, servers } = observation;
      const writes = effects === 1 ? "a write" : `${effects} writes`;
      const whose = servers.length === 0 ? "" : ` of ${list(servers)}`;
      return `Machine ${machine} lost ${writes}${whose} of which a sync had said: durable.`;
    }
    case "disk-swap":
      return `Machine ${observation.machine} got another, empty disk.`;
    default:
      return null;
  }
}
