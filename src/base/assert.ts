/** Ends the run when one of our own invariants is broken. Never for input: input gets a Result. */
export function assert(claim: boolean, message: string): asserts claim {
  if (!claim) throw new Error(`broken invariant: ${message}`);
}

/** The default branch of a switch over a union: a compile error when a case is missing. */
export function unreachable(value: never): never {
  throw new Error(`broken invariant: unexpected ${JSON.stringify(value)}`);
}
