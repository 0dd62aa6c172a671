import { openDatabase } from "#lib/db/open.ts";
import { deliverer } from "#lib/run/deliver.ts";

/** A worker that only delivers, as a process of its own that a test can kill: `node deliver-worker.ts URL DATA_DIR LEASE_MS`. */
const [url = "", dataDir = "", leaseMs = ""] = process.argv.slice(2);
const database = await openDatabase({ url, poolSize: 3, applicationName: "deliver-worker" });
const settings = {
  dataDir,
  secretKeys: [],
  webhookAllow: ["127.0.0.0/8"],
  publicUrl: null,
  host: "127.0.0.1",
  webPort: 3000,
};
const worker = deliverer(database, settings, { leaseMs: Number(leaseMs), timeoutMs: 2_000 });
process.send?.("ready");
for (;;) {
  await worker.run(Date.now());
  await new Promise((resolve) => {
    setTimeout(resolve, 20);
  });
}
