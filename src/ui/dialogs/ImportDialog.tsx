import { type ChangeEvent, useState } from "react";
import { reportLines } from "#importer/report-text.ts";
import { LIMITS } from "#scenario/fields.ts";
import type { Scenario } from "#scenario/types.ts";
import { downloadReport } from "#ui/download.ts";
import { Icon } from "#ui/Icon.tsx";
import { keyed } from "#ui/keyed.ts";
import { openFiles, openPart, openWhole, partsPicked } from "#ui/opening.ts";
import { Bytes } from "#ui/panels/Bytes.tsx";
import { fieldFiles } from "#ui/picking.ts";
import { useUi } from "#ui/ui-store.ts";
import { useTools } from "#ui/use-tools.ts";
import type { FileState, ImportedFile, ImportReport } from "#worker/protocol.ts";
import { closeDialog, DialogFrame } from "./DialogFrame.tsx";
import { FileParts } from "./import/FileParts.tsx";
import { Forensic } from "./import/Forensic.tsx";
import { ReadingFiles } from "./import/ReadingFiles.tsx";
import "#ui/styles/import.css";
import "#ui/styles/disk.css";

/** Real files: pick them, see what they hold, and boot them. */
export function ImportDialog() {
  const report = useUi((state) => state.report);
  const reading = useUi((state) => state.reading);
  return (
    <DialogFrame
      title="Open files"
      about="The raft files of a real cluster (for PySyncObj: journal, .meta and dump of each server, one folder a server), a recorded run (trace.json), or a scenario as JSON. Files of up to 256 MB are read; they stay in this browser. You can also drop them anywhere on the page."
      wide
    >
      {reading === null ? <Pickers /> : <ReadingFiles reading={reading} />}
      {report !== null && <Report report={report} />}
    </DialogFrame>
  );
}

function Pickers() {
  const { session } = useTools();
  async function take(event: ChangeEvent<HTMLInputElement>) {
    const { files } = event.target;
    const picked = files === null ? [] : fieldFiles(files);
    event.target.value = "";
    await openFiles(session, picked);
  }
  return (
    <div className="pickers">
      <label className="tool">
        <Icon name="folder" />
        <span>Choose files</span>
        <input
          type="file"
          multiple
          className="visually-hidden"
          aria-label="Choose files"
          onChange={(event) => void take(event)}
        />
      </label>
      <label className="tool">
        <Icon name="folder" />
        <span>Choose a folder</span>
        <input
          type="file"
          className="visually-hidden"
          aria-label="Choose a folder"
          ref={(field) => field?.setAttribute("webkitdirectory", "")}
          onChange={(event) => void take(event)}
        />
      </label>
    </div>
  );
}

function Report({ report }: { readonly report: ImportReport }) {
  const { session, player } = useTools();
  const { scenario, bootOnly, recordings } = report;
  /** Nobody with a broken cluster wants writes that were not asked for. */
  const asFound = bootOnly ?? scenario;
  const [path, setPath] = useState<string | null>(null);
  const file = report.files.find((each) => each.path === path) ?? report.files[0];

  async function boot(wanted: Scenario) {
    closeDialog();
    if (await session.open(wanted, { step: 0, from: "" })) player.play();
  }

  return (
    <div className="import-report" data-testid="import-report">
      <div className="import-side">
        {scenario === null && (
          <p className="failure">
            {report.forensics.boots.length === 0
              ? "These files make no server that could be booted."
              : `${report.forensics.boots.length} servers are found, and cannot be booted together${report.forensics.boots.length > LIMITS.machines ? `: ${LIMITS.machines} at once at most` : ", for the reason told beside"}. Choose below which folder to boot.`}
          </p>
        )}
        {asFound !== null && (
          <button type="button" className="tool strong" onClick={() => void boot(asFound)}>
            <Icon name="power" />
            <span>Boot these disks</span>
          </button>
        )}
        {scenario !== null && bootOnly !== null && (
          <button type="button" className="tool" onClick={() => void boot(scenario)}>
            <Icon name="power" />
            <span>Boot, and add the five writes of #201</span>
          </button>
        )}
        {recordings.map((each) => (
          <button
            key={each.path}
            type="button"
            className="tool"
            onClick={() => void boot(each.scenario)}
          >
            <Icon name="play" />
            <span>{`Open the recorded run ${each.path}`}</span>
          </button>
        ))}
        <PartPicker />
        {report.forensics.files.length > 0 && (
          <button
            type="button"
            className="tool"
            onClick={() => downloadReport(reportLines(report.forensics))}
          >
            <Icon name="download" />
            <span>Save this report as text</span>
          </button>
        )}
        <ul className="file-list" aria-label="Imported files">
          {report.files.map((each) => (
            <li key={each.path}>
              <button
                type="button"
                aria-pressed={each.path === file?.path}
                data-intact={each.intact}
                onClick={() => setPath(each.path)}
              >
                <span>{each.path}</span>
                <small>
                  {`${each.kind}${each.intact ? "" : `, ${each.problems.length} ${each.problems.length === 1 ? "problem" : "problems"}`}`}
                </small>
              </button>
            </li>
          ))}
        </ul>
        {keyed(report.findings, (text) => text).map(({ key, item }) => (
          <p key={key} className="finding" data-severity={severityOf(report, item)}>
            {item}
          </p>
        ))}
      </div>
      <div className="import-main">
        <Forensic
          forensics={report.forensics}
          onBoot={asFound === null ? null : (preset) => void boot(beside(asFound, preset))}
        />
        {file !== undefined && (
          <FileReport
            key={file.path}
            file={file}
            state={report.forensics.files.find((each) => each.path === file.path) ?? null}
          />
        )}
      </div>
    </div>
  );
}

/** Which of the folders that were picked is read and booted, where there are several. */
function PartPicker() {
  const { session } = useTools();
  const parts = partsPicked();
  const report = useUi((state) => state.report);
  if (parts.length === 0 || report === null) return null;
  const part = parts.findLast((folder) =>
    report.files.every(({ path }) => path.startsWith(`${folder}/`)),
  );
  return (
    <label className="part-picker">
      <span>Read and boot</span>
      <select
        value={part ?? ""}
        onChange={({ target: { value } }) =>
          void (value === "" ? openWhole(session) : openPart(session, value))
        }
      >
        <option value="">all that was picked</option>
        {parts.map((folder) => (
          <option key={folder} value={folder}>
            {folder}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The same disks under a version, at the right of the one they came from. */
function beside(scenario: Scenario, preset: string): Scenario {
  if (preset === scenario.preset) return { ...scenario, twin: null };
  return { ...scenario, twin: { preset, bugs: null } };
}

/** How bad it is what a sentence says; null: it is no finding, but a word on what was read. */
function severityOf({ forensics }: ImportReport, text: string): string | null {
  return forensics.findings.find((each) => each.text === text)?.severity ?? null;
}

interface FileReportProps {
  readonly file: ImportedFile;
  readonly state: FileState | null;
}

function FileReport({ file, state }: FileReportProps) {
  return (
    <section className="file-report" aria-label={file.path}>
      <h3>{file.path}</h3>
      <p>
        {`${file.kind}${file.server === null ? "" : `, of server ${file.server}`}, ${file.size} bytes, ${conditionOf(file)}`}
      </p>
      {keyed(file.problems, ({ offset, reason }) => `${offset} ${reason}`).map(({ key, item }) => (
        <p key={key} className="failure">{`${file.path}, byte ${item.offset}: ${item.reason}`}</p>
      ))}
      {state !== null && state.parts.length > 0 && <FileParts parts={state.parts} />}
      {file.meta !== null && (
        <dl className="fields-list">
          {Object.entries(file.meta).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value ?? "none"}</dd>
            </div>
          ))}
        </dl>
      )}
      {file.bytes.length < file.size && (
        <p className="note">{`The first ${file.bytes.length} bytes:`}</p>
      )}
      <Bytes bytes={file.bytes} platter={file.bytes} spans={file.spans} />
      {file.entries.length > 0 && <Entries file={file} />}
    </section>
  );
}

function conditionOf({ intact, entries }: ImportedFile): string {
  if (!intact) return "not intact";
  const ghosts = entries.filter(({ ghost }) => ghost).length;
  if (ghosts === 0) return "intact";
  return `well-formed, ${ghosts} ghost ${ghosts === 1 ? "record" : "records"}`;
}

function leftOut({ entriesLeftOut }: ImportedFile): string {
  return entriesLeftOut === 0 ? "" : ` (${entriesLeftOut} in the middle are left out here)`;
}

function Entries({ file }: { readonly file: ImportedFile }) {
  const ghosts = file.entries.filter(({ ghost }) => ghost).length;
  return (
    <details className="entries">
      <summary title="f1 is a replicated method of the program, by its number: booted here, f1(key, value) sets a key">
        {`${file.entries.length - ghosts + file.entriesLeftOut} entries${leftOut(file)}${ghosts > 0 ? ` and ${ghosts} ghosts: cut off, but still readable` : ""}`}
      </summary>
      <ol>
        {keyed(file.entries, ({ index, term, command }) => `${index} ${term} ${command}`).map(
          ({ key, item }) => (
            <li key={key} data-ghost={item.ghost}>
              <span className="entry-index">{item.index}</span>
              <span className="term-chip" data-hue="none">
                {item.term}
              </span>
              <span className="entry-text">{item.text}</span>
              {item.ghost && <span className="entry-fate">ghost</span>}
            </li>
          ),
        )}
      </ol>
    </details>
  );
}
