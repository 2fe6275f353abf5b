// Text from outside a sentence, such as a value that a client wrote, as a sentence can bear it.

/** A value of so many characters is still told in full. */
const WHOLE_MOST = 40;
/** Of a longer one so many are told, or fewer where a word ends. */
const TOLD_MOST = 24;
const WORD_END_LEAST = 8;

/** With control characters as escapes: "\x00". */
export function legible(text: string): string {
  return text.replace(CONTROLS, (control) => {
    return `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that are looked for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/g;

/** A value in a sentence: legible, and of a long one the beginning and the length: "All the king's … (600 characters)". */
export function brief(value: string): string {
  if (value.length <= WHOLE_MOST) return legible(value);
  const characters = [...value];
  if (characters.length <= WHOLE_MOST) return legible(value);
  const start = characters.slice(0, TOLD_MOST).join("");
  const end = start.lastIndexOf(" ");
  const told = end >= WORD_END_LEAST ? start.slice(0, end) : start;
  return `${legible(told)} … (${characters.length} characters)`;
}

/** Words about a value, such as "set x = 1": where they are long, the value is told briefly. */
export function briefly(words: string): string {
  const at = words.indexOf(" = ");
  if (at < 0) return legible(words);
  return `${legible(words.slice(0, at))} = ${brief(words.slice(at + 3))}`;
}
