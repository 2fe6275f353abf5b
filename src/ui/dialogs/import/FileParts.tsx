import type { FileState } from "#worker/protocol.ts";

type Part = FileState["parts"][number];

/** So many runs of bytes are told one by one. */
const PARTS = 40;

/** A file from its first byte to its last: what is intact, torn, ghost, and what nobody looks at. */
export function FileParts({ parts }: { readonly parts: readonly Part[] }) {
  return (
    <ul className="file-parts" aria-label="Parts of the file">
      {parts.slice(0, PARTS).map((part) => (
        <li key={part.offset} data-condition={part.condition}>
          <span className="part-range">{`${part.offset}–${part.offset + part.length - 1}`}</span>
          <span className="part-condition">{part.condition}</span>
          <span>{partText(part)}</span>
        </li>
      ))}
      {parts.length > PARTS && <li>{`and ${parts.length - PARTS} more parts`}</li>}
    </ul>
  );
}

function partText({ records, text }: Part): string {
  if (records === null) return text;
  const { count, first, last } = records;
  const more = text === "records" ? "" : `, ${text}`;
  if (count === 1) return `record ${first.index} of term ${first.term}${more}`;
  return `${count} records, ${first.index} (term ${first.term}) to ${last.index} (term ${last.term})${more}`;
}
