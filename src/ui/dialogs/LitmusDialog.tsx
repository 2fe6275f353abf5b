import { useEffect, useState } from "react";
import { Icon } from "#ui/Icon.tsx";
import { keyed } from "#ui/keyed.ts";
import { useTools } from "#ui/use-tools.ts";
import type { LitmusTable } from "#worker/protocol.ts";
import { DialogFrame } from "./DialogFrame.tsx";
import { policyAbout } from "./disk-options.ts";
import "#ui/styles/litmus.css";

type Row = LitmusTable["rows"][number];

/** What each policy may leave of a few short sequences of calls. */
export function LitmusDialog() {
  const { session } = useTools();
  const [tables, setTables] = useState<readonly LitmusTable[] | null>(null);
  useEffect(() => {
    let open = true;
    void session.litmus().then((answer) => {
      if (open) setTables(answer);
    });
    return () => {
      open = false;
    };
  }, [session]);
  return (
    <DialogFrame
      title="What may a crash leave?"
      about="Short sequences of calls, and all that a crash may leave of them under each order of write-back. Worked out by the modelled disk: every state it allows is tried."
      wide
    >
      {tables === null ? (
        <p className="note" role="status">
          Trying every crash state…
        </p>
      ) : (
        <>
          <Policies policies={tables[0]?.policies ?? []} />
          {tables.map((table) => (
            <Table key={table.id} table={table} />
          ))}
        </>
      )}
      <p className="note litmus-key">
        <Icon name="warning" />
        <span>marks what no author of a journal wants.</span>
      </p>
    </DialogFrame>
  );
}

/** What each column stands for. */
function Policies({ policies }: { readonly policies: readonly string[] }) {
  return (
    <dl className="litmus-policies" aria-label="The orders of write-back">
      {policies.map((policy) => (
        <div key={policy}>
          <dt>{policy}</dt>
          <dd>{policyAbout(policy)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Table({ table }: { readonly table: LitmusTable }) {
  return (
    <section className="litmus" aria-label={table.title}>
      <h3>{table.title}</h3>
      {table.rows.map((row) => (
        <LitmusRow key={row.id} row={row} table={table} />
      ))}
    </section>
  );
}

function LitmusRow({ row, table }: { readonly row: Row; readonly table: LitmusTable }) {
  return (
    <article className="litmus-row">
      <div className="litmus-what">
        <h4>{row.title}</h4>
        <ol>
          {keyed(row.steps, (step) => step).map(({ key, item }) => (
            <li key={key}>
              <code>{item}</code>
            </li>
          ))}
        </ol>
        <p>{row.lesson}</p>
      </div>
      <dl className="litmus-outcomes">
        {table.policies.map((policy, at) => (
          <div key={policy} data-harmful={row.outcomes[at]?.some(({ harmful }) => harmful)}>
            <dt title={policyAbout(policy)}>{policy}</dt>
            <dd>
              <ul>
                {row.outcomes[at]?.map(({ text, harmful }) => (
                  <li key={text} data-harmful={harmful}>
                    {harmful && <Icon name="warning" />}
                    <span>{text}</span>
                    {harmful && <span className="visually-hidden"> (harmful)</span>}
                  </li>
                ))}
              </ul>
            </dd>
          </div>
        ))}
      </dl>
    </article>
  );
}
