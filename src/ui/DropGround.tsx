import { useEffect, useState } from "react";
import { openFiles } from "./opening.ts";
import { droppedFiles } from "./picking.ts";
import { showBanner } from "./ui-store.ts";
import { useTools } from "./use-tools.ts";

/** Files may be dropped anywhere on the page. */
export function DropGround() {
  const { session } = useTools();
  const [over, setOver] = useState(false);

  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const onOver = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      if (event.dataTransfer === null || !hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      droppedFiles(event.dataTransfer).then(
        (files) => openFiles(session, files),
        () =>
          showBanner({
            tone: "bad",
            topic: "refused",
            text: "The browser could not read what was dropped.",
            remedy: "Choose the files with Open instead.",
          }),
      );
    };
    addEventListener("dragover", onOver);
    addEventListener("dragleave", onLeave);
    addEventListener("drop", onDrop);
    return () => {
      removeEventListener("dragover", onOver);
      removeEventListener("dragleave", onLeave);
      removeEventListener("drop", onDrop);
    };
  }, [session]);

  return over ? <div className="drop-ground">Drop raft files or a scenario here</div> : null;
}
