import type { BaseIssue } from "valibot";

/** Why a document is refused, and where: `script[3].action.machines[0]`; an empty path is the whole document. */
export interface Problem {
  readonly path: string;
  readonly reason: string;
}

export type PathPart = string | number;

/** A part that is no plain name stands in quotes. */
export function pathText(parts: readonly PathPart[]): string {
  let text = "";
  for (const part of parts) {
    if (typeof part === "number") text += `[${part}]`;
    else if (!/^[A-Za-z_$][\w$-]*$/.test(part)) text += `[${JSON.stringify(shortened(part))}]`;
    else text += text === "" ? part : `.${part}`;
  }
  return text;
}

/** One sentence for people: "script[3].action: unknown field". */
export function problemText({ path, reason }: Problem): string {
  return path === "" ? `The document ${reason}` : `${path} ${reason}`;
}

export function problemOf(issue: BaseIssue<unknown>): Problem {
  const parts = (issue.path ?? []).map(({ key }) => (typeof key === "number" ? key : String(key)));
  return { path: pathText(parts), reason: reasonOf(issue) };
}

function reasonOf(issue: BaseIssue<unknown>): string {
  if (issue.kind === "validation") return issue.message;
  const isKey = issue.path?.at(-1)?.origin === "key";
  if (isKey && issue.expected === "never") return "is not a field that is known here";
  if (isKey || issue.input === undefined) return "is missing";
  return `must be ${expectedText(issue.expected ?? "something else")}, not ${valueText(issue.input)}`;
}

function expectedText(expected: string): string {
  const named: Readonly<Record<string, string>> = {
    string: "a text",
    number: "a number",
    boolean: "true or false",
    Array: "a list",
    Object: "an object",
  };
  const choices = expected.replace(/^\(|\)$/g, "").split(" | ");
  return choices.map((choice) => named[choice] ?? choice).join(" or ");
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "string" ? JSON.stringify(shortened(value)) : String(value);
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
