import { ok, type Result, refused } from "#base/result.ts";

/** The kind of trace that this text says it is; null: it is none that is known here. */
export function traceFormatOf(text: string): "pysyncobj-trace/1" | null {
  return /^\s*\{\s*"format"\s*:\s*"pysyncobj-trace\/1"/.test(text) ? "pysyncobj-trace/1" : null;
}

/** The document that replays a trace, with the model beside it. Refused: it does not say which nodes there are. */
export function documentOfTrace(text: string): Result<unknown> {
  const trace = parsed(text);
  if (trace === null) return refused("it is not JSON");
  const { nodes, scenario, events } = trace;
  if (!isRecord(nodes)) return refused("nodes: must be an object, addresses by name");
  const last: unknown = Array.isArray(events) ? events.at(-1) : null;
  const seconds = isRecord(last) && typeof last.t === "number" ? last.t : 0;
  return ok({
    format: "blackstart-scenario",
    version: 2,
    title: `Recorded: ${typeof scenario === "string" ? scenario.slice(0, 150) : "a run of PySyncObj"}`,
    about: "Left: what was recorded. Right: the model, led through the same events.",
    system: "pysyncobj",
    twin: {},
    cluster: {
      machines: Object.entries(nodes).map(([id, address]) => ({
        id,
        servers: [{ id, address: typeof address === "string" ? address : id }],
      })),
    },
    recording: { format: "pysyncobj-trace/1", text },
    until: Math.round(seconds * 1_000_000) + 1,
  });
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const json: unknown = JSON.parse(text);
    return isRecord(json) ? json : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
