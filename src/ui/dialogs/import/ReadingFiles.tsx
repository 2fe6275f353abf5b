import { Icon } from "#ui/Icon.tsx";
import type { Reading } from "#ui/ui-store.ts";

/** How far the reading of files has come, and a way to end it. */
export function ReadingFiles({ reading }: { readonly reading: Reading }) {
  const { done, of, text, cancel } = reading;
  return (
    <div className="reading-files" role="status">
      <p>{text}…</p>
      <progress aria-label="Reading files" value={done} max={Math.max(1, of)} />
      <button type="button" className="tool" onClick={cancel}>
        <Icon name="close" />
        <span>Cancel</span>
      </button>
    </div>
  );
}
