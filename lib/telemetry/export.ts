import { setTimeout as idle } from "node:timers/promises";

import { metrics as api } from "@opentelemetry/api";

import { metrics, type Reading } from "./metrics.ts";

/** Sends our own spans and counters to OTEL_EXPORTER_OTLP_ENDPOINT; resolves with how to flush and stop. The SDK is loaded only when there is an endpoint. */
export async function exportTelemetry(
  role: string,
  endpoint: string | null,
): Promise<() => Promise<void>> {
  if (endpoint === null) return () => Promise.resolve();
  const { NodeSDK } = await import("@opentelemetry/sdk-node");
  const sdk = new NodeSDK({ serviceName: `viascope-${role}`, instrumentations: [] });
  sdk.start();
  offerReadings();
  return () => Promise.race([sdk.shutdown().catch(() => undefined), idle(flushMsMax)]);
}

/** Whoever receives them may be gone by now; ingest that sends to itself is. */
const flushMsMax = 2_000;

/** Series come into being as work is done, so the instruments are looked up at each collection. */
function offerReadings(): void {
  const meter = api.getMeter("viascope");
  const offered = new Set<string>();
  const offer = (reading: Reading) => {
    const { name, kind, help } = reading;
    if (offered.has(name)) return;
    offered.add(name);
    const description = { description: help };
    const instrument =
      kind === "counter"
        ? meter.createObservableCounter(name, description)
        : meter.createObservableGauge(name, description);
    instrument.addCallback((result) => {
      for (const one of metrics.readings()) {
        if (one.name === name) result.observe(one.value, one.labels);
      }
    });
  };
  for (const reading of metrics.readings()) offer(reading);
  meter.createObservableGauge("viascope_series").addCallback((result) => {
    const readings = metrics.readings();
    for (const reading of readings) offer(reading);
    result.observe(readings.length);
  });
}
