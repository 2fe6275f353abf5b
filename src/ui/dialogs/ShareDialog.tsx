import { useMemo, useState } from "react";
import { downloadScenario } from "#ui/download.ts";
import { Icon } from "#ui/Icon.tsx";
import { adoptFragment, viewWords } from "#ui/opening.ts";
import { useRun } from "#ui/run-store.ts";
import { SHELF } from "#ui/shelf.ts";
import { DialogFrame } from "./DialogFrame.tsx";

/** A link that reopens exactly this: the scenario with what was done by hand, the step, the twin, the selection. */
export function ShareDialog() {
  const { scenario, step, hash } = useRun();
  const [copied, setCopied] = useState<"yes" | "no" | null>(null);
  const link = useMemo(() => {
    if (scenario === null) return null;
    const outcome = /^[0-9a-f]{1,64}$/.test(hash) ? hash : null;
    return SHELF.writeLink({ scenario, position: step, view: viewWords(), outcome });
  }, [scenario, step, hash]);
  if (scenario === null || link === null) return null;
  const url = link.ok ? `${location.href.replace(/#.*$/, "")}${link.value.fragment}` : "";

  async function copy() {
    if (link?.ok) adoptFragment(link.value.fragment);
    setCopied(await written(url));
  }

  return (
    <DialogFrame
      title="Share"
      about="The link carries the whole scenario in the address itself. Nothing is sent to any server."
    >
      {link.ok ? (
        <div className="share">
          <textarea
            readOnly
            rows={4}
            value={url}
            aria-label="Link"
            onFocus={(event) => event.target.select()}
          />
          <p className={link.value.warning === null ? "note" : "failure"}>
            {link.value.warning ?? `${url.length} characters.`}
          </p>
          <button type="button" className="tool strong" onClick={() => void copy()}>
            <Icon name="copy" />
            <span>Copy the link</span>
          </button>
          <span role="status">
            {copied === "yes" && "Copied. The address of this page is that link now."}
            {copied === "no" && "The browser does not let us copy: select the text and copy it."}
          </span>
        </div>
      ) : (
        <p className="failure">{link.problem}</p>
      )}
      <button type="button" className="tool" onClick={() => void downloadScenario(scenario)}>
        <Icon name="download" />
        <span>Download the scenario as a file</span>
      </button>
    </DialogFrame>
  );
}

async function written(text: string): Promise<"yes" | "no"> {
  try {
    await navigator.clipboard.writeText(text);
    return "yes";
  } catch {
    return "no";
  }
}
