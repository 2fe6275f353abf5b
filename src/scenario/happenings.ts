/** What an anchor may wait for: the types of observations, as a run makes them. */
export const HAPPENINGS = [
  ...(["boot", "crash", "disk-swap", "stop", "recovered", "failed"] as const),
  ...(["role", "term", "vote", "leader", "commit", "applied-index", "timer"] as const),
  ...(["append", "truncate", "rebase", "members", "restored", "apply"] as const),
  ...(["held", "send", "receive", "drop", "link", "partition"] as const),
  ...([
    "disk",
    "disk-fault",
    "read-error",
    "forsworn",
    "write-back",
    "release",
    "memory",
    "store",
  ] as const),
  ...(["invoke", "return", "notice", "handler-error", "action", "narration"] as const),
] as const;
