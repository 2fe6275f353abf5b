import { useMemo, useState } from "react";
import { crc32 } from "#base/crc.ts";
import type { DiskFrame, FileFrame } from "#sim/frame.ts";
import type { CrashKind } from "#ui/contract.ts";
import { useRun } from "#ui/run-store.ts";
import { useUi } from "#ui/ui-store.ts";
import { pagesText, SECTOR_STATES } from "#view/disk-words.ts";
import type { RunView, Side } from "#worker/protocol.ts";
import { type ByteMark, Bytes } from "./Bytes.tsx";
import { DiskHead, KindPicker } from "./disk/DiskHead.tsx";
import { Pending } from "./disk/Pending.tsx";
import type { Place } from "./disk/place.ts";
import { useChoosing } from "./disk/use-choosing.ts";
import { useDisk } from "./disk/use-disk.ts";
import { Pages } from "./Pages.tsx";
import "#ui/styles/disk.css";
import "#ui/styles/sectors.css";
import "#ui/styles/effects.css";

/** A machine's disk: files as pages of sectors, bytes beside what they mean, and what waits in the page cache. */
export function DiskTab({ view }: { readonly view: RunView }) {
  const chosen = useUi((state) => state.selected[0]);
  const machine =
    view.frame.machines.find(({ servers }) => servers.includes(chosen ?? "")) ??
    view.frame.machines[0];
  const [kind, setKind] = useState<CrashKind>("power");
  const read = useDisk(view, machine?.id ?? null, kind);
  if (machine === undefined) return null;
  if (read === null) return <p className="note">Reading the disk…</p>;
  return (
    <div className="disk-tab" aria-busy={!read.current}>
      <DiskOf key={machine.id} disk={read.disk} side={view.side} kind={kind} onKind={setKind} />
    </div>
  );
}

interface DiskOfProps {
  readonly disk: DiskFrame;
  readonly side: Side;
  readonly kind: CrashKind;
  readonly onKind: (kind: CrashKind) => void;
}

function DiskOf({ disk, side, kind, onKind }: DiskOfProps) {
  const hasTwin = useRun((state) => state.scenario?.twin != null);
  const [path, setPath] = useState<string | null>(null);
  const [place, setPlace] = useState<Place | null>(null);
  const [sector, setSector] = useState<number | null>(null);
  const choosing = useChoosing(disk);
  const file = disk.files.find((each) => each.path === path) ?? disk.files[0];
  return (
    <>
      <DiskHead
        disk={disk}
        path={file?.path ?? null}
        offset={(sector ?? 0) * disk.options.sectorSize}
      />
      <KindPicker kind={kind} onKind={onKind} />
      {hasTwin && side === "twin" && (
        <p className="note">
          What is done here is done on both sides, and the left side may have other effects under
          the same numbers.
        </p>
      )}
      {disk.files.length === 0 && <p className="note">There is no file on this disk.</p>}
      <FileList
        files={disk.files}
        shown={file?.path ?? null}
        onShow={(wanted) => {
          setPath(wanted);
          setSector(null);
        }}
      />
      {file !== undefined && (
        <Pages
          key={file.path}
          file={file}
          disk={disk}
          place={place}
          onPlace={setPlace}
          chosen={sector}
          onChoose={setSector}
          choosing={choosing}
        />
      )}
      <Pending disk={disk} place={place} onPlace={setPlace} choosing={choosing} />
      {file !== undefined && (
        <FileBytes
          key={`bytes ${file.path}`}
          file={file}
          sectorSize={disk.options.sectorSize}
          place={place}
          onPlace={setPlace}
        />
      )}
    </>
  );
}

/** Problems of a file that are told one by one. */
const PROBLEMS = 3;

interface FileBytesProps {
  readonly file: FileFrame;
  readonly sectorSize: number;
  readonly place: Place | null;
  readonly onPlace: (place: Place | null) => void;
}

function FileBytes({ file, sectorSize, place, onPlace }: FileBytesProps) {
  const [durable, setDurable] = useState(false);
  const bytes = durable ? file.durableBytes : file.bytes;
  const marks = useMemo(() => marksOf(file, sectorSize), [file, sectorSize]);
  return (
    <>
      <h3>{`Bytes of ${file.path}`}</h3>
      <p className="file-sizes">
        {`${sizeText(file.bytes)}; after a power loss `}
        {file.durableBytes === null ? "the name would not be there" : sizeText(file.durableBytes)}
      </p>
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
      {file.problems.slice(0, PROBLEMS).map(({ offset, reason }) => (
        <p key={`${offset} ${reason}`} className="failure">{`at byte ${offset}: ${reason}`}</p>
      ))}
      {file.problems.length > PROBLEMS && (
        <p className="failure">{`and ${file.problems.length - PROBLEMS} more problems`}</p>
      )}
      {bytes === null ? (
        <p className="note">A power loss now would leave no such file.</p>
      ) : (
        <Bytes
          bytes={bytes}
          platter={file.durableBytes}
          spans={durable ? [] : file.spans}
          marks={marks}
          pointed={place?.path === file.path ? place : null}
          onPoint={(offset) =>
            onPlace(offset === null ? null : { path: file.path, offset, length: 1 })
          }
        />
      )}
    </>
  );
}

/** Sectors with which something is the matter, for the margin of the bytes. What is only newer is underlined there. */
function marksOf({ pages }: FileFrame, sectorSize: number): readonly ByteMark[] {
  return pages.flatMap(({ sectors }) =>
    sectors
      .filter(({ state }) => state !== "durable" && state !== "written")
      .map(({ sector, state }) => ({
        offset: sector * sectorSize,
        length: sectorSize,
        state,
        letter: SECTOR_STATES[state].letter,
      })),
  );
}

/** The checksum tells at a glance whether two files hold the same. */
function sizeText(bytes: Uint8Array): string {
  return `${bytes.length} bytes, CRC-32 ${crc32(bytes).toString(16).padStart(8, "0")}`;
}

interface FileListProps {
  readonly files: DiskFrame["files"];
  readonly shown: string | null;
  readonly onShow: (path: string) => void;
}

function FileList({ files, shown, onShow }: FileListProps) {
  return (
    <ul className="file-list" aria-label="Files">
      {files.map(({ path, size, pages }) => {
        const unlike = pagesText(pages);
        return (
          <li key={path}>
            <button type="button" aria-pressed={path === shown} onClick={() => onShow(path)}>
              <span>{path}</span>
              <small>{unlike === "" ? `${size} B` : `${size} B, ${unlike}`}</small>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
