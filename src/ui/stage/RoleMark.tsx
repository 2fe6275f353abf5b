import type { MachineFrame, ServerFrame } from "#sim/frame.ts";

export type Standing =
  | ServerFrame["role"]
  | "off"
  | "system-down"
  | "down"
  | "recovering"
  | "failed";

/** What a server is, in a word or two: its role while it runs, else why it does not. */
export function standingOf(
  server: ServerFrame,
  { power, offBy }: Pick<MachineFrame, "power" | "offBy">,
): Standing {
  if (power === "off") return offBy === "os" ? "system-down" : "off";
  return server.process === "up" ? server.role : server.process;
}

export const STANDING_WORDS: Readonly<Record<Standing, string>> = {
  follower: "follower",
  "pre-candidate": "pre-candidate",
  candidate: "candidate",
  leader: "leader",
  learner: "learner",
  off: "no power",
  "system-down": "system crashed",
  down: "stopped",
  recovering: "recovering",
  failed: "crashed",
};

/** A role by its shape, around 0,0: a leader is a star, a candidate a triangle, a follower a ring. */
export function RoleMark({ standing }: { readonly standing: Standing }) {
  switch (standing) {
    case "leader":
      return (
        <path
          className="role-mark full"
          d="M0-8 2.35-2.7 8-2.3 3.7 1.4 5 7 0 4.1-5 7-3.7 1.4-8-2.3-2.35-2.7z"
        />
      );
    case "candidate":
      return <path className="role-mark full" d="M0-7 7 6H-7z" />;
    case "pre-candidate":
      return <path className="role-mark" d="M0-7 7 6H-7z" />;
    case "learner":
      return <path className="role-mark" d="M-5.5-5.5h11v11h-11z" />;
    case "follower":
      return <circle className="role-mark" r={5.5} />;
    case "recovering":
      return <path className="role-mark" d="M-5.5 0A5.5 5.5 0 1 1 0 5.5M-8-2l2.5 3 3-2.5" />;
    case "failed":
    case "system-down":
      return <path className="role-mark" d="M-5-5 5 5M5-5-5 5" />;
    default:
      return <path className="role-mark" d="M0-7v6M-4-5a6 6 0 1 0 8 0" />;
  }
}
