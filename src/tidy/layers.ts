// The import law. `tidy.test.ts` holds every file under src/ to it.

export interface Layer {
  /** Compiles without a platform, and reads no clock, no chance and no locale. */
  readonly pure: boolean;
  /** What it may import besides itself: whole layers, or single files of one. */
  readonly may: readonly string[];
  /** Packages it may import; `node:` stands for all of Node's own modules. */
  readonly packages: readonly string[];
}

/** By folder under src/. `main.tsx` is the one file that stands outside of all. */
export const layers: Readonly<Record<string, Layer>> = {
  base: { pure: true, may: [], packages: ["fflate"] },
  raft: { pure: true, may: ["base"], packages: [] },
  disk: { pure: true, may: ["base"], packages: [] },
  system: { pure: true, may: ["base", "raft", "disk"], packages: [] },
  sim: {
    pure: true,
    may: [
      ...["base", "raft/protocol.ts", "raft/types.ts", "raft/log.ts", "disk"],
      ...["system/contract.ts", "system/read.ts"],
    ],
    packages: [],
  },
  audit: {
    pure: true,
    may: ["base", "raft/types.ts", "sim/observation.ts", "sim/frame.ts", "disk"],
    packages: [],
  },
  scenario: {
    pure: true,
    may: ["base", "system/catalogue.ts", "sim/frame.ts", "sim/faults.ts"],
    packages: ["valibot", "fflate"],
  },
  library: { pure: true, may: ["base", "scenario"], packages: [] },
  importer: {
    pure: true,
    may: [
      ...["base", "disk", "raft/types.ts", "system", "scenario"],
      ...["raft/log.ts", "sim/application.ts", "sim/observation.ts"],
      ...["sim/faults.ts", "sim/recorded.ts", "sim/recovery.ts"],
    ],
    packages: ["valibot", "fflate"],
  },
  exporter: { pure: true, may: ["base", "disk"], packages: ["fflate"] },
  hunt: {
    pure: true,
    may: [
      ...["base", "raft/types.ts", "raft/protocol.ts", "raft/log.ts", "raft/quorum.ts"],
      ...["disk", "system", "sim", "audit", "scenario"],
    ],
    packages: [],
  },
  matrix: {
    pure: true,
    may: ["base", "raft/types.ts", "system", "sim", "audit", "scenario", "library"],
    packages: [],
  },
  statistics: {
    pure: true,
    may: ["base", "disk", "raft/types.ts", "system", "sim", "scenario", "library"],
    packages: [],
  },
  view: { pure: true, may: ["base", "sim/frame.ts", "hunt/types.ts"], packages: [] },
  worker: {
    pure: false,
    may: [
      ...["base", "raft", "disk", "system", "sim"],
      ...["audit", "scenario", "library", "importer", "exporter", "hunt", "matrix"],
    ],
    packages: ["idb"],
  },
  ui: {
    pure: false,
    may: [
      ...["base", "view", "scenario", "library"],
      ...["system/catalogue.ts", "sim/frame.ts", "worker/protocol.ts", "worker/client.ts"],
      ...["matrix/columns.ts", "matrix/fix-sets.ts", "matrix/scenarios.ts"],
      "importer/report-text.ts",
    ],
    packages: [
      ...["react", "react-dom", "zustand", "immer", "d3", "radix-ui"],
      "@tanstack/react-virtual",
    ],
  },
  cli: {
    pure: false,
    may: [
      ...["base", "raft", "disk", "system", "sim", "audit"],
      ...["scenario", "library", "importer", "exporter", "hunt", "view", "matrix", "statistics"],
    ],
    packages: ["cac", "node:"],
  },
  "main.tsx": {
    pure: false,
    may: ["ui", "worker/client.ts", "worker/protocol.ts"],
    packages: ["react", "react-dom"],
  },
  tidy: { pure: false, may: [], packages: ["node:", "typescript", "vitest"] },
  tools: { pure: false, may: [], packages: [] },
};

/**
 * Layers made of plug-ins, a folder each: entered by `index.ts` alone, blind to their siblings,
 * and listed in the layer's `registry.ts`. `doors` are further files that one layer may enter by.
 */
export const plugInLayers: Readonly<
  Record<string, { doors: Readonly<Record<string, readonly string[]>> }>
> = {
  system: {
    doors: {
      importer: [
        ...["format.ts", "pickle.ts", "dump.ts"],
        ...["conformance.ts", "trace.ts", "cut.ts", "server.ts", "dump-load.ts"],
      ],
      cli: ["conformance.ts", "conformance-table.ts"],
    },
  },
  importer: { doors: { importer: ["recording.ts"] } },
};

/** How often the code may overrule its own checks. Lower it when it can be; never raise it. */
export const OVERRULES_MAX = 10;
