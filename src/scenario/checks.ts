/** What an expectation may name: the auditor's checks, by the ids it reports them under. */
export const CHECK_IDS: readonly string[] = [
  ...["C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9", "C10"],
  ...["C11", "C12", "C13", "C14", "C15", "C16", "C17", "C18", "C20"],
];
