import { systemEntry } from "#system/catalogue.ts";
import { useRun } from "#ui/run-store.ts";
import { DialogFrame } from "./DialogFrame.tsx";

/** What is loaded: the story, the system, and what of it is simplified. */
export function AboutDialog() {
  const scenario = useRun((state) => state.scenario);
  const obligations = useRun((state) => state.obligations);
  if (scenario === null) return null;
  const system = systemEntry(scenario.system);
  return (
    <DialogFrame title={scenario.title} about={scenario.about}>
      {scenario.source.length > 0 && <h3>Sources</h3>}
      <ul className="sources">
        {scenario.source.map(({ title, url }) => (
          <li key={url}>
            <a href={url} target="_blank" rel="noreferrer">
              {title}
            </a>
          </li>
        ))}
      </ul>
      {system !== null && (
        <>
          <h3>{system.title}</h3>
          <p>{system.about}</p>
          {system.simplified.length > 0 && <h3>What is simplified here</h3>}
          <ul>
            {system.simplified.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </>
      )}
      <h3>What each message promises</h3>
      <p className="note">
        What must be on disk before the message leaves, by the rules of Raft. A shield on a message
        says whether it was.
      </p>
      <dl className="obligations">
        {obligations.map(({ message, owes, source }) => (
          <div key={message}>
            <dt>{message}</dt>
            <dd>
              {owes} <small>{source}</small>
            </dd>
          </div>
        ))}
      </dl>
    </DialogFrame>
  );
}
