import { createServer, type RequestListener } from "node:http";
import { join } from "node:path";

import next from "next";

import { adoptSettings } from "#lib/config/environment.ts";
import { migrationState } from "#lib/db/migration-state.ts";
import { openDatabase } from "#lib/db/open.ts";
import { metrics } from "#lib/telemetry/metrics.ts";

import { currentProject } from "./current-project.ts";
import { offerDemo } from "./demo-control.ts";
import { demoChild } from "./demo/child.ts";
import { pastToFill } from "./demo/past-to-fill.ts";
import { listen } from "./listen.ts";
import { knownMetricsTokens, metricsReader } from "./metrics-reader.ts";
import { ProcessReport } from "./process-report.ts";
import type { RoleSettings, RunningRole } from "./role.ts";
import { healthAnswers } from "./serve-metrics.ts";
import { builtConfig } from "./web/built-config.ts";
import { forwarder } from "./web/forward.ts";

const checkout = join(import.meta.dirname, "../..");

/** Serves the pages and the API, and forwards telemetry to ingest, so that one public address is enough. */
export async function runWebRole(settings: RoleSettings): Promise<RunningRole> {
  const database = await openDatabase({
    url: settings.databaseUrl,
    poolSize: 1,
    applicationName: "viascope-web-ready",
  });
  // As Next's own standalone server does: reading next.config.ts would load its compiler, which takes 60 MB and stays.
  adoptSettings({ __NEXT_PRIVATE_STANDALONE_CONFIG: await builtConfig(checkout) });
  const app = next({ dev: false, dir: checkout, hostname: settings.host, port: settings.webPort });
  await app.prepare();
  const forward = forwarder(settings.ingestUrl);
  const demo = demoChild({
    ingestUrl: settings.ingestUrl,
    backfillMinutes: async () => pastToFill(database, await currentProject(), Date.now()),
  });
  offerDemo(demo);
  const server = createServer(
    firstOf(
      healthAnswers({
        ready: async () => (await migrationState(database)) === "current",
        mayRead: metricsReader(settings, knownMetricsTokens(database)),
      }),
      (request, response) => forward.answer(request, response),
      withTrueClient(app.getRequestHandler()),
    ),
  );
  const port = await listen(server, {
    host: settings.host,
    port: settings.webPort,
    variable: "PORT",
  });
  // Links in messages lead here, also where any port was asked for.
  adoptSettings({ PORT: `${port}` });
  const report = new ProcessReport(database, "web", metrics).start();
  return {
    ports: { PORT: port },
    async stop() {
      await demo.stop();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const overdue = setTimeout(() => server.closeAllConnections(), 5_000);
      await closed;
      clearTimeout(overdue);
      forward.close();
      await app.close();
      await report.stop();
      await database.close();
    },
  };
}

/** Anyone can write X-Forwarded-For, and failed logins are limited by it: pages see the address that is connected. */
function withTrueClient(pages: Handler): Handler {
  return (request, response) => {
    request.headers["x-forwarded-for"] = request.socket.remoteAddress ?? "unknown";
    return pages(request, response);
  };
}

type Answer = (...[request, response]: Parameters<RequestListener>) => boolean;
type Handler = (...[request, response]: Parameters<RequestListener>) => Promise<void>;

function firstOf(health: Answer, forward: Answer, pages: Handler): RequestListener {
  return (request, response) => {
    if (health(request, response) || forward(request, response)) return;
    pages(request, response).catch(() => response.destroy());
  };
}
