/** What a line may have, so that it is read without breaks on a usual screen. */
export const COLUMNS = 120;

/** Lines of whole words that are no wider than that; a word that is wider stands alone and is cut. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= width) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    line = word;
    while (line.length > width) {
      lines.push(line.slice(0, width));
      line = line.slice(width);
    }
  }
  return [...lines, line];
}

/** Microseconds as seconds with milliseconds: "1.234 s". */
export function secondsText(micros: number): string {
  return `${(micros / 1_000_000).toFixed(3)} s`;
}

/** Rows under their headings, columns as wide as they need; numbers to the right. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const texts = [headings, ...rows.map((row) => row.map(String))];
  const widths = headings.map((_, column) =>
    Math.max(...texts.map((row) => (row[column] ?? "").length)),
  );
  const lineOf = (row: readonly string[], at: number) =>
    row
      .map((cell, column) => {
        const isNumber = typeof rows[at]?.[column] === "number";
        const width = widths[column] ?? 0;
        return isNumber ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd();
  return texts.map((row, i) => lineOf(row, i - 1)).join("\n");
}
