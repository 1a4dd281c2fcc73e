import type { SpoolFile } from "./spool-file.ts";

export interface SpoolRoomOptions {
  /** What one message may hold in memory before it goes to a file. */
  readonly messageMemoryBytes: number;
  /** What all of them may. */
  readonly memoryBytes: number;
  readonly openFile: () => SpoolFile;
  readonly onError: (error: unknown) => void;
}

/** The memory that held messages share, and the way to their files. */
export class SpoolRoom {
  readonly messageMemoryBytes: number;
  readonly #memoryBytes: number;
  readonly #openFile: () => SpoolFile;
  readonly #onError: (error: unknown) => void;
  #usedBytes = 0;

  constructor(options: SpoolRoomOptions) {
    this.messageMemoryBytes = options.messageMemoryBytes;
    this.#memoryBytes = options.memoryBytes;
    this.#openFile = options.openFile;
    this.#onError = options.onError;
  }

  /** What is in memory now. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Less than half is left: messages should take small blocks. */
  get isTight(): boolean {
    return this.#usedBytes * 2 > this.#memoryBytes;
  }

  /** false if it is all in use. */
  take(bytes: number): boolean {
    if (this.#usedBytes + bytes > this.#memoryBytes) return false;
    this.#usedBytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#usedBytes -= bytes;
  }

  /** undefined if there can be none; it has been reported. */
  openFile(): SpoolFile | undefined {
    return this.attempt(this.#openFile);
  }

  /** What went wrong with a file is reported, and gives undefined. */
  attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#onError(error);
      return undefined;
    }
  }
}
