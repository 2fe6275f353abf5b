/**
 * What the real code did: PySyncObj 0.3.14 (commit 2ec056d) with each fix rebuilt from the descriptions in issue #201, PR #202
 * and PR #197 (the pull requests' own code was not used), one by one and together, in fifteen schedules. One letter a schedule,
 * S1 to S15: X, it failed; o, it did not; *, it did not because the state that the schedule is about is no longer reached.
 */
export const MEASURED: Readonly<Record<string, string>> = {
  none: "XXXXX XXXXX XXXXX",
  a: "XooXo XXXXX XXXXX",
  b: "ooXXo XX**X XXXX*",
  c: "XXXXX XXXXX XXXXX",
  d: "XXXXX XXXoX XXXXX",
  "pr-202": "oooXo XX**X XXXX*",
  "pr-197": "XXXXX XoXXX XXXXX",
  "clamp-at-start": "XXXXX ooooX XXXXX",
  "pr-202-197": "oooXo Xo**X XXXX*",
  "msync-writes": "XXXXX ooXXX XXXXX",
  "msync-meta": "XXXXX ooXXX XXXXX",
  pwrite: "XXXXX XXXXX XXXXX",
  "both-msync-meta": "oooXo oo**X XXXX*",
  "both-msync-writes": "oooXo oo**o XXXX*",
  "paper-append": "XXXXX XXXXX XooXX",
  "keep-suffix": "XXXXX XXXXX oXXXX",
  all: "ooooo ooooo ooooo",
};
