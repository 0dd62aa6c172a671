import { metrics } from "./metrics.ts";

/** Shows what this process takes of the machine, under the names that Prometheus dashboards know. */
export function observeProcess(): void {
  metrics.observe("process_resident_memory_bytes", "Resident memory of this process.", () =>
    process.memoryUsage.rss(),
  );
  metrics.observe(
    "nodejs_heap_size_used_bytes",
    "Heap that V8 uses now.",
    () => process.memoryUsage().heapUsed,
  );
  metrics.observe(
    "nodejs_external_memory_bytes",
    "Memory outside of the heap, buffers above all.",
    () => process.memoryUsage().external,
  );
  const startSeconds = Date.now() / 1_000 - process.uptime();
  metrics
    .gauge("process_start_time_seconds", "When this process started, in seconds since 1970.")
    .set(startSeconds);
}
