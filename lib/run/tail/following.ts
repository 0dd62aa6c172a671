import { type FilePosition, writeCheckpoint } from "./checkpoint.ts";
import { contentOf, filesNamed, isRotatedName } from "./find.ts";
import { type Batch, FollowedFile } from "./followed-file.ts";

export interface FollowingOptions {
  readonly patterns: readonly string[];
  readonly checkpoint: string;
  readonly fromStart: boolean;
  /** How long a file is read on that lost its name, as its writer may not know yet. */
  readonly lingerMs: number;
  readonly nowMs: () => number;
  readonly note: (sentence: string) => void;
}

/** Files that are open at a time; more wait until others are gone. */
const openMax = 1_000;

/** The files that are followed: finds new ones, keeps rotated ones until they are read, and remembers how far. */
export class Following {
  readonly #options: FollowingOptions;
  /** By device and inode. */
  readonly #files = new Map<string, FollowedFile>();
  /** Rotated away: read to their end, and then let go. */
  readonly #rotated = new Set<FollowedFile>();
  #isFirstLook: boolean;
  #saved = "";

  private constructor(options: FollowingOptions, isFirstLook: boolean) {
    this.#options = options;
    this.#isFirstLook = isFirstLook;
  }

  /** Goes on from the positions of an earlier run; null where there was none. */
  static async from(
    positions: readonly FilePosition[] | null,
    options: FollowingOptions,
  ): Promise<Following> {
    const following = new Following(options, positions === null);
    for (const position of positions ?? []) await following.#resume(position);
    return following;
  }

  get size(): number {
    return this.#files.size + this.#rotated.size;
  }

  /** What is to be looked at in this round: rotated files first, as they are older. */
  files(): FollowedFile[] {
    return [...this.#rotated, ...this.#files.values()];
  }

  /** Takes up new files, and sees which of the known ones lost their names. */
  async find(): Promise<void> {
    const found = await filesNamed(this.#options.patterns);
    const named = new Set(found.map(({ key }) => key));
    for (const [key, file] of this.#files) {
      if (named.has(key)) continue;
      this.#files.delete(key);
      this.#rotated.add(file);
      file.goneSinceMs ??= this.#options.nowMs();
    }
    for (const { path, key } of found) {
      const known = this.#files.get(key);
      if (known === undefined) await this.#take(path, key);
      else known.path = path;
    }
    this.#isFirstLook = false;
  }

  /** Whether nobody will write on in a file. */
  isOver(file: FollowedFile): boolean {
    const { nowMs, lingerMs } = this.#options;
    return file.goneSinceMs !== null && nowMs() - file.goneSinceMs >= lingerMs;
  }

  /** A rotated file had something new: its writer is still there. */
  stirred(file: FollowedFile): void {
    if (file.goneSinceMs !== null) file.goneSinceMs = this.#options.nowMs();
  }

  /** Lets go of a rotated file that was read to its end. */
  async letGo(file: FollowedFile): Promise<void> {
    this.#rotated.delete(file);
    await file.close();
  }

  /** Reads a file that was emptied from its beginning, and what was not read of its old content from its copy. */
  async emptied(file: FollowedFile): Promise<void> {
    const before = file.position;
    file.restart();
    const copy = await contentOf(before);
    if (copy === null || copy.key === file.key) {
      await copy?.close();
      this.#options.note(
        `${file.path} was emptied, and no copy of it lies beside it: what was written between the last reading and that, if anything, is lost.`,
      );
      return;
    }
    const known = this.#files.get(copy.key);
    if (known === undefined) {
      this.#addRotated(copy);
      return;
    }
    await copy.close();
    known.continueFrom(before);
  }

  /** Leaves a file alone that rotation made as a copy of one that is read; says whether it is one. */
  async leaveCopyAlone(file: FollowedFile): Promise<boolean> {
    for (const { position, key } of this.files()) {
      if (key === file.key || !isRotatedName(position.path, file.path)) continue;
      if (!(await file.isCopyOf(position))) continue;
      file.leaveAlone();
      return true;
    }
    return false;
  }

  /** Writes down how far everything was read, unless that is written already. */
  async save(): Promise<void> {
    const positions = this.files().map(({ position }) => position);
    const text = JSON.stringify(positions);
    if (text === this.#saved) return;
    await writeCheckpoint(this.#options.checkpoint, positions);
    this.#saved = text;
  }

  async sending(file: FollowedFile, batch: Batch): Promise<void> {
    file.sending(batch);
    await this.save();
  }

  async close(): Promise<void> {
    await Promise.all(this.files().map((file) => file.close()));
  }

  async #resume(position: FilePosition): Promise<void> {
    const file = await contentOf(position);
    if (file === null) {
      this.#options.note(
        `${position.path} is no longer what it was, and its old content lies nowhere beside it: what was not read of it is lost.`,
      );
      return;
    }
    // Under which name it is followed, if under any, is seen when files are looked for.
    const twin = this.#files.get(file.key);
    if (twin === undefined) this.#files.set(file.key, file);
    else this.#addRotated(file);
  }

  #addRotated(file: FollowedFile): void {
    file.goneSinceMs = this.#options.nowMs();
    this.#rotated.add(file);
  }

  async #take(path: string, key: string): Promise<void> {
    if (this.size >= openMax) return;
    try {
      const file = this.#returned(key) ?? (await this.#fresh(path));
      file.path = path;
      this.#files.set(file.key, file);
    } catch (error) {
      this.#options.note(`${path} cannot be read: ${String(error)}.`);
    }
  }

  #fresh(path: string): Promise<FollowedFile> {
    return FollowedFile.fresh(path, this.#options.fromStart || !this.#isFirstLook);
  }

  /** A rotated file that is named again. */
  #returned(key: string): FollowedFile | null {
    const file = [...this.#rotated].find((rotated) => rotated.key === key) ?? null;
    if (file === null) return null;
    this.#rotated.delete(file);
    file.goneSinceMs = null;
    return file;
  }
}
