import { chordText, KEYS, type KeyBinding } from "#ui/keys.ts";
import { MessageShape } from "#ui/stage/MessageShape.tsx";
import { RoleMark } from "#ui/stage/RoleMark.tsx";
import { DialogFrame } from "./DialogFrame.tsx";

const GROUPS: readonly KeyBinding["group"][] = ["Time", "Faults", "Selection", "Page"];

/** Every key, and what the marks on the stage mean. */
export function HelpDialog() {
  return (
    <DialogFrame
      title="Help"
      about="Every action has a key. Clickers work: Page Down and Page Up step, the full stop plays."
      wide
    >
      <div className="help-columns">
        {GROUPS.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl className="key-list">
              {KEYS.filter((binding) => binding.group === group).map(({ chords, label }) => (
                <div key={label}>
                  <dt>
                    {chords.map((chord) => (
                      <kbd key={chord}>{chordText(chord)}</kbd>
                    ))}
                  </dt>
                  <dd>{label}</dd>
                </div>
              ))}
              {group === "Selection" && (
                <div>
                  <dt>
                    <kbd>1</kbd>…<kbd>9</kbd>
                  </dt>
                  <dd>
                    Select a server; with Shift add it. Or drag a rectangle, or Shift + click.
                  </dd>
                </div>
              )}
            </dl>
          </section>
        ))}
        <Marks />
      </div>
    </DialogFrame>
  );
}

function Marks() {
  return (
    <section>
      <h3>On the stage</h3>
      <ul className="mark-list">
        {(["leader", "candidate", "follower", "off"] as const).map((standing) => (
          <li key={standing} className="card" data-standing={standing}>
            <svg viewBox="-12 -12 24 24" width="28" height="28" aria-hidden="true">
              <RoleMark standing={standing} />
            </svg>
            <span>{standing === "off" ? "no power, or stopped" : standing}</span>
          </li>
        ))}
        {MESSAGES.map(({ words, ...message }) => (
          <li key={words}>
            <svg viewBox="-18 -20 42 36" width="40" height="34" aria-hidden="true">
              <MessageShape message={{ ...MESSAGE, ...message }} />
            </svg>
            <span>{words}</span>
          </li>
        ))}
      </ul>
      <p className="note">
        A card has three layers: what the process holds in memory, what it has written, and what is
        durable. A hatched value is one that a power loss would take, or change.
      </p>
    </section>
  );
}

const MESSAGE = {
  id: 0,
  from: "",
  to: "",
  name: "",
  term: 2,
  success: null,
  entries: 0,
  sent: 0,
  arrives: 1,
  text: "",
} as const;

const MESSAGES = [
  { kind: "vote-request", promise: "nothing", words: "asks for a vote, in term 2" },
  {
    kind: "vote-reply",
    success: true,
    promise: "not-durable",
    words: "grants it; broken shield: not on disk as it left",
  },
  {
    kind: "append-reply",
    success: true,
    promise: "durable",
    words: "accepts entries; whole shield: they were on disk",
  },
  { kind: "append", entries: 1, promise: "nothing", words: "sends entries" },
  { kind: "append", promise: "nothing", words: "heartbeat" },
  { kind: "forward", promise: "nothing", words: "passes a client's command on" },
] as const;
