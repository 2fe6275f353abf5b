import { crash, restart } from "#ui/actions.ts";
import { showWhatWasDone, standAt } from "#ui/panels/sweep/stand-at.ts";
import { type Kind, useTrials } from "#ui/panels/sweep/trials.ts";
import { useRun } from "#ui/run-store.ts";
import type { Session } from "#ui/session.ts";
import type { NotchReport, Side } from "#worker/protocol.ts";

interface Place {
  readonly side: Side;
  readonly notch: NotchReport;
  readonly kind: Kind;
  /** The step of its event. */
  readonly step: number;
}

/** Cuts the power at a notch of an event of a side, so that the worst state found there is what survives. */
export async function cutInside(
  session: Session,
  { notch: { machine, time, order, notch, text, witness }, kind, side, step }: Place,
  andBoot: boolean,
): Promise<void> {
  await standAt(session, { side, step });
  const { past } = useRun.getState();
  const survivors = { type: "chosen", effects: witness } as const;
  const action = andBoot ? restart([machine], kind, survivors) : crash([machine], kind, survivors);
  if (text === null) await session.act(action);
  else await session.actInside(action, { time, order, notch });
  if (useRun.getState().past === past) return; // Refused, and told.
  await showWhatWasDone(session, { side, step: text === null ? step + 1 : step });
  const where = text === null ? `at the end of step ${step}` : `in the middle of step ${step}`;
  const what = kind === "power" ? "The power of" : "The system of";
  useTrials.setState({
    made: `Done: ${what} ${machine} failed ${where}${andBoot ? ", and it boots again a second later" : ""}. Undo takes it back.`,
    said: `${what} ${machine} failed ${where}.`,
  });
}
