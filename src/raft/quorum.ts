/** The smallest number of voters that is a majority of `voters` (Raft paper, section 5.1). */
export function majority(voters: number): number {
  return Math.floor(voters / 2) + 1;
}
