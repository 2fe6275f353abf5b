import type { ScenarioDisk } from "#scenario/types.ts";

interface Props {
  readonly disk: ScenarioDisk;
  readonly onSet: (part: Partial<ScenarioDisk>) => void;
}

const SECOND = 1_000_000;
const MILLISECOND = 1_000;
/** What a limit is when it is first set. Bytes. */
const ROOM = 65_536;

/** How much fits on the disk. */
export function Capacity({ disk, onSet }: Props) {
  const { capacity } = disk;
  return (
    <div className="setting">
      <label htmlFor="disk-capacity-kind">Room</label>
      <span className="setting-pair">
        <select
          id="disk-capacity-kind"
          value={capacity === null ? "none" : "limit"}
          aria-describedby="disk-capacity-about"
          onChange={(event) => onSet({ capacity: event.target.value === "none" ? null : ROOM })}
        >
          <option value="none">no limit</option>
          <option value="limit">a limit</option>
        </select>
        {capacity !== null && (
          <Amount
            name="Bytes of all files together"
            unit="bytes"
            value={capacity}
            scale={1}
            onValue={(bytes) => onSet({ capacity: bytes })}
          />
        )}
      </span>
      <small id="disk-capacity-about">
        Bytes of all files together; beyond it the call answers ENOSPC. Names and the file system's
        own bookkeeping take no room here.
      </small>
    </div>
  );
}

type WriteBack = NonNullable<ScenarioDisk["writeBack"]>;

/** The defaults that were measured on Linux, as the modelled disk has them too. */
const EXT4_LIKE: WriteBack = {
  dataAge: 30 * SECOND,
  wakeEvery: 5 * SECOND,
  metadataEvery: 5 * SECOND,
};

/** When the kernel writes on its own. */
export function WriteBackSetting({ disk, onSet }: Props) {
  const { writeBack } = disk;
  const set = (part: Partial<WriteBack>) =>
    onSet({ writeBack: { ...(writeBack ?? EXT4_LIKE), ...part } });
  return (
    <div className="setting">
      <label htmlFor="disk-write-back">Write-back by time</label>
      <select
        id="disk-write-back"
        value={writeBack === null ? "never" : isExt4Like(writeBack) ? "ext4-like" : "custom"}
        aria-describedby="disk-write-back-about"
        onChange={(event) => onSet({ writeBack: WRITE_BACKS[event.target.value] ?? null })}
      >
        <option value="never">never: a crash decides</option>
        <option value="ext4-like">ext4-like: 30 s, 5 s, 5 s</option>
        <option value="custom">custom</option>
      </select>
      {writeBack !== null && (
        <span className="setting-fields">
          <Amount
            name="Age at which data is written"
            unit="s of age"
            value={writeBack.dataAge}
            scale={SECOND}
            least={1}
            onValue={(dataAge) => set({ dataAge })}
          />
          <Amount
            name="Time between looks for old data"
            unit="s between looks"
            value={writeBack.wakeEvery}
            scale={SECOND}
            least={1}
            onValue={(wakeEvery) => set({ wakeEvery })}
          />
          <Amount
            name="Time between commits of names and sizes"
            unit="s between commits"
            value={writeBack.metadataEvery}
            scale={SECOND}
            least={1}
            onValue={(metadataEvery) => set({ metadataEvery })}
          />
        </span>
      )}
      <small id="disk-write-back-about">
        When the kernel writes dirty data without being asked. It makes no crash state possible that
        was not before; without it nothing reaches the platter but by a sync, a crash or your hand.
      </small>
    </div>
  );
}

const WRITE_BACKS: Readonly<Record<string, WriteBack | null>> = {
  never: null,
  "ext4-like": EXT4_LIKE,
  custom: { dataAge: 1 * SECOND, wakeEvery: SECOND / 2, metadataEvery: SECOND / 2 },
};

function isExt4Like({ dataAge, wakeEvery, metadataEvery }: WriteBack): boolean {
  return (
    dataAge === EXT4_LIKE.dataAge &&
    wakeEvery === EXT4_LIKE.wakeEvery &&
    metadataEvery === EXT4_LIKE.metadataEvery
  );
}

/** How long calls take. */
export function Times({ disk, onSet }: Props) {
  return (
    <div className="setting">
      <span className="setting-name">Time of a call</span>
      <span className="setting-fields">
        <Amount
          name="Time of a write"
          unit="ms a write"
          value={disk.writeTime}
          scale={MILLISECOND}
          onValue={(writeTime) => onSet({ writeTime })}
        />
        <Amount
          name="Time of a sync"
          unit="ms a sync"
          value={disk.syncTime}
          scale={MILLISECOND}
          onValue={(syncTime) => onSet({ syncTime })}
        />
      </span>
      <small>
        The process waits so long. Every call of a kind takes the same time, however much it writes.
      </small>
    </div>
  );
}

const KINDS = [
  { kind: "process", label: "killed process" },
  { kind: "os", label: "system crash" },
  { kind: "power", label: "power loss" },
] as const;

/** The crashes that durability is judged under. */
export function Admits({ disk, onSet }: Props) {
  const { admits } = disk;
  return (
    <fieldset className="setting" aria-describedby="disk-admits-about">
      <legend>Crashes that count</legend>
      <span className="setting-fields">
        {KINDS.map(({ kind, label }) => (
          <label key={kind} className="tick">
            <input
              type="checkbox"
              checked={admits.includes(kind)}
              onChange={({ target }) =>
                onSet({
                  admits: KINDS.map((each) => each.kind).filter((each) =>
                    each === kind ? target.checked : admits.includes(each),
                  ),
                })
              }
            />
            <span>{label}</span>
          </label>
        ))}
      </span>
      <small id="disk-admits-about">
        What is durable is judged by the worst of these. Others can still be made by hand.
      </small>
    </fieldset>
  );
}

interface AmountProps {
  readonly name: string;
  readonly unit: string;
  /** In the document's own unit. */
  readonly value: number;
  /** So much of it is one of the unit that is shown. */
  readonly scale: number;
  readonly least?: number;
  readonly onValue: (value: number) => void;
}

/** A whole number of the document's unit, written in a unit that people use. */
function Amount({ name, unit, value, scale, least = 0, onValue }: AmountProps) {
  return (
    <label className="amount">
      <input
        type="number"
        aria-label={name}
        min={least / scale}
        step="any"
        required
        value={value / scale}
        onChange={({ target }) => {
          const wanted = Math.round(target.valueAsNumber * scale);
          if (Number.isFinite(wanted)) onValue(Math.max(least, wanted));
        }}
      />
      <span aria-hidden="true">{unit}</span>
    </label>
  );
}
