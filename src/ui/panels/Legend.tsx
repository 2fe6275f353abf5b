import { Popover } from "radix-ui";
import { Icon } from "#ui/Icon.tsx";

/** What the cells of the log matrix mean. */
export function Legend() {
  return (
    <Popover.Root>
      <Popover.Trigger className="tool small legend-button">Legend</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="popover legend" side="top" aria-label="Legend of the logs">
          <dl>
            <Sample durability="durable" words="durable: survives a power loss" />
            <Sample durability="written" words="written, not flushed" />
            <Sample durability="memory" words="in memory only" />
            <Sample durability="durable" committed words="thick border: known committed" />
            <Sample durability="durable" applied words="dot: applied to the state machine" />
            <Sample
              durability="durable"
              grave
              words="gravestone: an entry was cut off here; red: a client had been told OK"
            />
          </dl>
          <p className="note">
            The number and the hue are the term. ≠ marks an index at which logs differ.
          </p>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

interface SampleProps {
  readonly durability: string;
  readonly words: string;
  readonly committed?: boolean;
  readonly applied?: boolean;
  readonly grave?: boolean;
}

function Sample({
  durability,
  words,
  committed = false,
  applied = false,
  grave = false,
}: SampleProps) {
  return (
    <>
      <dt>
        <div className="cell" data-hue="2" data-durability={durability} data-committed={committed}>
          <span>2</span>
          {applied && <i className="applied" />}
          {grave && (
            <i className="tombstone" data-acknowledged="true">
              <Icon name="grave" />
            </i>
          )}
        </div>
      </dt>
      <dd>{words}</dd>
    </>
  );
}
