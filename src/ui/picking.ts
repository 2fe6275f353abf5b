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
      return file === null ? [] : [await pickedFile(file.name, file)];
    }),
  );
  return found.flat();
}

/** The files of a file or folder field. */
export async function fieldFiles(files: FileList): Promise<readonly PickedFile[]> {
  return Promise.all(
    [...files].map((file) => pickedFile(file.webkitRelativePath || file.name, file)),
  );
}

async function walk(entry: FileSystemEntry): Promise<readonly PickedFile[]> {
  const path = entry.fullPath.replace(/^\//, "");
  if (isFile(entry)) {
    const file = await new Promise<File>((take, refuse) => entry.file(take, refuse));
    return [await pickedFile(path, file)];
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

async function pickedFile(path: string, file: File): Promise<PickedFile> {
  return { path, bytes: new Uint8Array(await file.arrayBuffer()) };
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
