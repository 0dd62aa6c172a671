/** Whether demo traffic that this process started runs. */
export interface DemoStatus {
  readonly running: boolean;
  /** ISO 8601; null while it does not run. */
  readonly startedAt: string | null;
}

/** What the web role offers to its pages. */
export interface DemoControl {
  status(): DemoStatus;
  /** Starts demo traffic unless it runs. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The pages' code is bundled, so that modules exist in it a second time; the process is what both share. */
const shared: { [key: symbol]: DemoControl | undefined } = globalThis;
const key = Symbol.for("viascope.demo");

/** Makes demo traffic startable from the pages of this process. */
export function offerDemo(control: DemoControl): void {
  shared[key] = control;
}

/** Whether demo traffic runs; where no web role offers it, it does not. */
export function demoStatus(): Promise<DemoStatus> {
  return Promise.resolve(shared[key]?.status() ?? { running: false, startedAt: null });
}

/** Starts demo traffic into this installation; at most one runs. */
export async function startDemo(): Promise<void> {
  await offered().start();
}

export async function stopDemo(): Promise<void> {
  await offered().stop();
}

function offered(): DemoControl {
  const control = shared[key];
  if (control === undefined) throw new Error("Demo traffic is offered by the web role only.");
  return control;
}
