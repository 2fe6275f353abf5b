import type { PickedFile } from "./opening.ts";

/** The files of a drop, folders gone through. */
export async function droppedFiles(transfer: DataTransfer): Promise<readonly PickedFile[]> {
  // All is taken before the first wait: the browser empties the list then.
  const dropped = [...transfer.items].map((item) => ({
    entry: item.webkitGetAsEntry(),
    file: item.getAsFile(),
  }));
  const found = await Promise.all(
    dropped.map(async ({ entry, file }) => {
      if (entry !== null) return walk(entry);
      return file === null ? [] : [{ path: file.name, content: file }];
    }),
  );
  return found.flat();
}

/** The files of a file or folder field. */
export function fieldFiles(files: FileList): readonly PickedFile[] {
  return [...files].map((file) => ({ path: file.webkitRelativePath || file.name, content: file }));
}

async function walk(entry: FileSystemEntry): Promise<readonly PickedFile[]> {
  const path = entry.fullPath.replace(/^\//, "");
  if (isFile(entry)) {
    const file = await new Promise<File>((take, refuse) => entry.file(take, refuse));
    return [{ path, content: file }];
  }
  if (!isDirectory(entry)) return [];
  const inside: (readonly PickedFile[])[] = [];
  const reader = entry.createReader();
  // A reader gives a part of the folder at a time, and nothing at its end.
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((take, refuse) => {
      reader.readEntries(take, refuse);
    });
    if (part.length === 0) return inside.flat();
    inside.push(...(await Promise.all(part.map(walk))));
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
