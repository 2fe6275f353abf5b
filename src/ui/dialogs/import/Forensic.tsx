import type { Boot, Forensics } from "#worker/protocol.ts";

/** What each version of the system makes of these disks at a start, and all servers together. */
export function Forensic({ forensics }: { readonly forensics: Forensics }) {
  const { boots, together, limits } = forensics;
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
          <summary>{`${server} at a start: ${verdictsOf(own)}`}</summary>
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

function Versions({ versions }: { readonly versions: readonly string[] }) {
  return (
    <span className="versions">
      {versions.map((version) => (
        <span key={version} className="chip">
          {version}
        </span>
      ))}
    </span>
  );
}
