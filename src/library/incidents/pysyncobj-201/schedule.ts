import type { ScenarioDocument } from "#scenario/document.ts";

/**
 * What happens to three servers in the main incident, so that it can be played on other disks too. Nothing but the power,
 * the clients and four election timeouts is scripted: what connects when, who is elected, what is cut off and what each
 * client hears follows from the system's own rules. Machines and servers have the same names. For more or fewer than three
 * machines there is no such story: they boot half a second apart.
 */
export function simultaneousReboot(machines: readonly string[]) {
  const [first, second, third, ...more] = machines;
  if (first === undefined || second === undefined || third === undefined || more.length > 0) {
    return { choices: {}, script: [boot([...machines])], until: 10_000_000 };
  }
  const writerOf = (server: string) => `app-${server}`;
  return {
    choices: {
      [`${first}/1/electionTimeout/1`]: 400_000,
      [`${second}/1/electionTimeout/1`]: 1_400_000,
      [`${second}/1/electionTimeout/2`]: 1_400_000,
      [`${second}/1/electionTimeout/3`]: 1_400_000,
    },
    script: [
      boot([second, first, third]),
      {
        anchor: {
          type: "when",
          match: { type: "role", server: first, to: "leader" },
          delay: 200_000,
        },
        action: write(first, "leader", first),
      },
      {
        anchor: {
          type: "when",
          match: {
            type: "return",
            "operation.client": writerOf(first),
            "result.outcome": "ok",
          },
          delay: 50_000,
        },
        action: write(first, `members/${first}`, `conn_url=${first}`),
      },
      { anchor: { type: "at", time: 3_800_000 }, action: write(second, "leader", second) },
      {
        anchor: { type: "at", time: 4_400_000 },
        action: write(third, `members/${second}`, `conn_url=${second}`),
      },
      { anchor: { type: "at", time: 6_500_000 }, action: write(second, "post", "yes") },
    ],
    until: 8_000_000,
  } satisfies Partial<ScenarioDocument>;

  function write(server: string, key: string, value: string) {
    return { type: "client" as const, client: writerOf(server), server, key, value };
  }
}

function boot(machines: string[]) {
  return {
    anchor: { type: "at" as const, time: 0 },
    action: { type: "boot" as const, machines, stagger: 500_000 },
  };
}
