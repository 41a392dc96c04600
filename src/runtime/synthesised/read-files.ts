import { statSync } from 'node:fs';

/** The files and folders that something was read from, to see whether they have changed since. */
export class ReadFiles {
  readonly #stamps = new Map<string, string>();

  /** Call it before the file or the folder is read, so that no change is missed; it may be missing. */
  note(path: string): void {
    if (!this.#stamps.has(path)) this.#stamps.set(path, stampOf(path));
  }

  /** True when one of them is not as it was at the last call, or when it was noted. */
  haveChanged(): boolean {
    let haveChanged = false;
    for (const [path, before] of this.#stamps) {
      const now = stampOf(path);
      if (now === before) continue;
      this.#stamps.set(path, now);
      haveChanged = true;
    }
    return haveChanged;
  }
}

/** Synchronous, because that takes a tenth of the work, and most of the time it is all that a watch does. */
function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? '' : `${found.ino} ${found.size} ${found.mtimeMs}`;
}
