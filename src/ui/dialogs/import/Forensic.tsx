import { createContext, useContext } from "react";
import { systemEntry } from "#system/catalogue.ts";
import type { Boot, Forensics } from "#worker/protocol.ts";

interface Props {
  readonly forensics: Forensics;
  /** Boots the disks under a version, beside the released one; null: they make no server. */
  readonly onBoot: OnBoot;
}

type OnBoot = ((preset: string) => void) | null;

const Booting = createContext<OnBoot>(null);

/** What each version of the system makes of these disks at a start, and all servers together. */
export function Forensic({ forensics, onBoot }: Props) {
  return (
    <Booting value={onBoot}>
      <Starts forensics={forensics} />
    </Booting>
  );
}

function Starts({ forensics }: { readonly forensics: Forensics }) {
  const { boots, together, limits, findings } = forensics;
  if (boots.length === 0) return null;
  return (
    <section className="forensic" aria-label="What each version makes of these disks">
      <h3>What each version makes of these disks</h3>
      {limits.map((text) => (
        <p key={text} className="note">
          {text}
        </p>
      ))}
      {together.map(({ versions, text }) => (
        <p key={text} className="together">
          <Versions versions={versions} />
          <span>{text}</span>
        </p>
      ))}
      {boots.map(({ server, boots: own, repairs }) => (
        <details key={server} open={boots.length === 1}>
          <summary>{`${server} at a start: ${verdictsOf(own)}${findings.some(({ severity, servers }) => severity === "stuck" && servers.includes(server)) ? "; a finding in red tells where it stops" : ""}`}</summary>
          {own.map((boot) => (
            <BootOf key={boot.versions.join()} boot={boot} />
          ))}
          <p className="note">{repairs}</p>
        </details>
      ))}
    </section>
  );
}

function verdictsOf(boots: readonly Boot[]): string {
  const verdicts = [...new Set(boots.map(({ verdict }) => verdict))];
  return verdicts.length === 1 ? `${verdicts[0]} with every version` : verdicts.join(" / ");
}

function BootOf({ boot }: { readonly boot: Boot }) {
  const { versions, verdict, server, consequences, differences } = boot;
  return (
    <article className="boot" data-verdict={verdict}>
      <p>
        <Versions versions={versions} />
        <strong>{verdict}</strong>
      </p>
      {server !== null && (
        <dl className="fields-list">
          {fieldsOf(server).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {[...consequences, ...differences].map((text) => (
        <p key={text}>{text}</p>
      ))}
    </article>
  );
}

function fieldsOf(server: NonNullable<Boot["server"]>): readonly (readonly [string, string])[] {
  const { currentTerm, votedFor, commitIndex, lastApplied, first, last, dump } = server;
  const log =
    first === null || last === null
      ? "empty"
      : `${first.index} to ${last.index}, last term ${last.term}`;
  return [
    ["term", currentTerm],
    ["vote", votedFor ?? "none"],
    ["commit index", commitIndex],
    ["applied", lastApplied],
    ["log", log],
    ["dump", dump === null ? "none loaded" : `up to ${dump}`],
  ];
}

/** Those that are versions, and no single repairs, are tried where they are named. */
function Versions({ versions }: { readonly versions: readonly string[] }) {
  const onBoot = useContext(Booting);
  const presets = systemEntry("pysyncobj")?.presets ?? [];
  return (
    <span className="versions">
      {versions.map((version) => {
        const preset = presets.find(({ id }) => id === version);
        if (preset === undefined || onBoot === null) {
          return (
            <span key={version} className="chip">
              {version}
            </span>
          );
        }
        return (
          <button
            key={version}
            type="button"
            className="chip to-boot"
            title={`Boot these disks: ${preset.title}`}
            onClick={() => onBoot(preset.id)}
          >
            {version}
          </button>
        );
      })}
    </span>
  );
}
