import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ask, type Asked } from "./client.ts";
import { freePort } from "./origin.ts";
import { beside, isInstalled, isSaid, until } from "./program.ts";
import { openStand, type Stand } from "./stand.ts";
import { warmUpPath } from "./stored.ts";
import { exchangesTold, differences } from "./told.ts";

const varnishd = "/usr/sbin/varnishd";

describe.skipIf(!isInstalled(varnishd))(
  `Varnish as documented, where ${varnishd} is installed`,
  () => {
    let stand: Stand;

    beforeAll(async () => {
      stand = await openStand();
    });
    afterAll(() => stand.stop());

    async function run(log: string, use: (port: number) => Promise<void>) {
      const { folder, origins } = stand;
      const port = await freePort();
      const home = `${folder}/varnish-${port}`;
      const file = await stand.write(
        "edge.vcl",
        `vcl 4.1;
backend origin { .host = "127.0.0.1"; .port = "${origins.port}"; }
backend dead { .host = "127.0.0.1"; .port = "${origins.deadPort}"; }
sub vcl_recv {
  if (req.url ~ "^/dead/" || req.url ~ "^/mirrors/") { set req.backend_hint = dead; }
}
sub vcl_backend_fetch {
  if (bereq.retries > 0 && bereq.url ~ "^/mirrors/") { set bereq.backend = origin; }
}
sub vcl_backend_error {
  if (bereq.retries == 0 && bereq.url ~ "^/mirrors/") { return (retry); }
}
`,
      );
      const words = ["-F", "-n", home, "-a", `127.0.0.1:${port}`, "-f", file, "-s", "malloc,16m"];
      await beside({ program: varnishd, words, folder, port }, async () => {
        const named = log.replace("varnishncsa ", `exec varnishncsa -n ${home} `);
        await beside({ program: "sh", words: ["-c", named], folder }, async () => {
          // It finds its way to the records some time after it started.
          await until("logs", async () => {
            await ask(port, warmUpPath);
            return isSaid([`${folder}/viascope.log`, warmUpPath]);
          });
          await use(port);
        });
      });
    }

    it("tells cache, backends and retries", async () => {
      await run(stand.snippet("varnish"), async (port) => {
        const asked: Asked[] = [];
        const paths = [
          "/200/kept/a",
          "/200/kept/a",
          "/200/slow",
          "/404/x",
          "/dead/a",
          "/mirrors/a",
        ];
        for (const path of paths) asked.push(await ask(port, path));
        await stand.tailing("varnish-tail", async () => {
          const stored = await stand.exchanges("edge_varnish", asked.length);
          expect(differences(stored, asked)).toEqual([]);
          expect(exchangesTold(stored)).toEqual([
            "/200/kept/a hit: ",
            "/200/kept/a miss: 200",
            "/200/slow miss: 200",
            "/404/x miss: 404",
            "/dead/a miss: connection_refused",
            "/mirrors/a miss: destination_unavailable, 200",
          ]);
          const { upstreams } = await stand.counts("edge_varnish");
          expect(upstreams["dead"]).toEqual([2, 2]);
        });
      });
    });
  },
);
