import { useEffect, useState } from "react";
import { crc32 } from "#base/crc.ts";
import type { DiskFrame, FileFrame } from "#sim/frame.ts";
import { useUi } from "#ui/ui-store.ts";
import { useTools } from "#ui/use-tools.ts";
import type { RunView } from "#worker/protocol.ts";
import { Bytes } from "./Bytes.tsx";
import { Pages, Pending } from "./Pages.tsx";

/** The files of a machine: pages and their state, bytes beside what they mean, and writes that wait in the page cache. */
export function DiskTab({ view }: { readonly view: RunView }) {
  const chosen = useUi((state) => state.selected[0]);
  const machine =
    view.frame.machines.find(({ servers }) => servers.includes(chosen ?? "")) ??
    view.frame.machines[0];
  const disk = useDisk(view, machine?.id ?? null);
  const [path, setPath] = useState<string | null>(null);
  if (machine === undefined) return null;
  if (disk === null) return <p className="note">Reading the disk…</p>;
  const file = disk.files.find((each) => each.path === path) ?? disk.files[0];
  return (
    <div className="disk-tab" aria-busy={disk.step !== view.frame.step}>
      <h3>{`Disk of ${disk.machine}, at step ${disk.step}`}</h3>
      {disk.files.length === 0 && <p className="note">There is no file on this disk.</p>}
      <FileList files={disk.files} shown={file?.path ?? null} onShow={setPath} />
      {file !== undefined && <File key={file.path} file={file} machine={disk.machine} />}
      <Pending effects={disk.pending} machine={disk.machine} />
    </div>
  );
}

function File({ file, machine }: { readonly file: FileFrame; readonly machine: string }) {
  const [durable, setDurable] = useState(false);
  const bytes = durable ? file.durableBytes : file.bytes;
  return (
    <>
      <p className="file-sizes">
        {`${sizeText(file.bytes)}; after a power loss `}
        {file.durableBytes === null ? "the name would not be there" : sizeText(file.durableBytes)}
      </p>
      <Pages file={file} machine={machine} />
      <div className="picker" role="radiogroup" aria-label="Which bytes">
        {[false, true].map((each) => (
          <label key={String(each)} data-checked={each === durable}>
            <input
              type="radio"
              className="visually-hidden"
              name="bytes"
              checked={each === durable}
              onChange={() => setDurable(each)}
            />
            {each ? "durable" : "as read now"}
          </label>
        ))}
      </div>
      {file.problems.map(({ offset, reason }) => (
        <p key={`${offset} ${reason}`} className="failure">{`at byte ${offset}: ${reason}`}</p>
      ))}
      {bytes === null ? (
        <p className="note">A power loss now would leave no such file.</p>
      ) : (
        <Bytes bytes={bytes} platter={file.durableBytes} spans={durable ? [] : file.spans} />
      )}
    </>
  );
}

/** The checksum tells at a glance whether two files hold the same. */
function sizeText(bytes: Uint8Array): string {
  return `${bytes.length} bytes, CRC-32 ${crc32(bytes).toString(16).padStart(8, "0")}`;
}

interface FileListProps {
  readonly files: readonly FileFrame[];
  readonly shown: string | null;
  readonly onShow: (path: string) => void;
}

function FileList({ files, shown, onShow }: FileListProps) {
  return (
    <ul className="file-list" aria-label="Files">
      {files.map(({ path, size, pages }) => {
        const dirty = pages.filter(({ state }) => state !== "clean").length;
        return (
          <li key={path}>
            <button type="button" aria-pressed={path === shown} onClick={() => onShow(path)}>
              <span>{path}</span>
              <small>{`${size} B${dirty > 0 ? `, ${dirty} dirty` : ""}`}</small>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** The disk at the step shown; while steps go by quickly, the last one that was read. */
function useDisk({ side, frame }: RunView, machine: string | null): DiskFrame | null {
  const { session } = useTools();
  const [disk, setDisk] = useState<DiskFrame | null>(null);
  const { step } = frame;
  useEffect(() => {
    if (machine === null) return;
    let current = true;
    const timer = setTimeout(() => {
      void session.disk(side, machine, step).then((answer) => {
        if (current && answer !== null) setDisk(answer);
      });
    }, 60);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [session, side, machine, step]);
  return disk !== null && disk.machine === machine ? disk : null;
}
