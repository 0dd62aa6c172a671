import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const commandLine = join(import.meta.dirname, "../../bin/viascope.ts");

/** `viascope tail` as a process that can be killed and started again. */
export class TailProcess {
  readonly #words: readonly string[];
  #child: ChildProcess | null = null;
  #notes = "";

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  /** What it said of itself, in all its runs. */
  get notes(): string {
    return this.#notes;
  }

  /** Resolves when it follows its files. */
  async start(): Promise<void> {
    const child = fork(commandLine, ["tail", ...this.#words], {
      stdio: ["ignore", "inherit", "pipe", "ipc"],
    });
    this.#child = child;
    const before = this.#notes.length;
    await new Promise<void>((resolve, reject) => {
      child.stderr?.on("data", (text: Buffer) => {
        this.#notes += text.toString();
        if (this.#notes.includes("follows", before)) resolve();
      });
      child.once("exit", () => reject(new Error(this.#notes)));
    });
  }

  kill(): Promise<number | null> {
    return this.#end("SIGKILL");
  }

  stop(): Promise<number | null> {
    return this.#end("SIGTERM");
  }

  /** Its exit code, when it ended. */
  async ended(): Promise<number | null> {
    const child = this.#child;
    if (child === null) return null;
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    return child.exitCode;
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    this.#child?.kill(signal);
    return this.ended();
  }
}
