/** What a demo process tells the process that started it. */
export interface DemoReport {
  readonly kind: "sending";
}

export function reportSending(): void {
  const report: DemoReport = { kind: "sending" };
  if (process.connected) process.send?.(report);
}
