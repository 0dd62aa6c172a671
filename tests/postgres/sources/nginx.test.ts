import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ask, askEach, failHandshake } from "./client.ts";
import { freePort } from "./origin.ts";
import { beside, isInstalled } from "./program.ts";
import { openStand, type Stand } from "./stand.ts";
import { attemptsTold, differences } from "./told.ts";

const nginx = "/usr/sbin/nginx";

describe.skipIf(!isInstalled(nginx))(`nginx as documented, where ${nginx} is installed`, () => {
  let stand: Stand;

  beforeAll(async () => {
    stand = await openStand();
  });
  afterAll(() => stand.stop());

  /** Runs nginx with what a snippet says on the level of `http`. */
  async function run(http: string, use: (port: number, tlsPort: number) => Promise<void>) {
    const { folder, cert, origins } = stand;
    const [port, tlsPort] = [await freePort(), await freePort()];
    const home = join(folder, String(port));
    await mkdir(home);
    const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    const file = await stand.write(
      `nginx-${port}.conf`,
      `daemon off; master_process off; pid ${home}/nginx.pid; events {}
http {
${http}
  ${kinds.map((kind) => `${kind}_temp_path ${home}/${kind};`).join(" ")}
  proxy_cache_path ${home}/cache keys_zone=kept:1m;
  upstream mirrors { server 127.0.0.1:${origins.deadPort} max_fails=0; server 127.0.0.1:${origins.port} backup; }
  server {
    listen 127.0.0.1:${port};
    listen 127.0.0.1:${tlsPort} ssl;
    ssl_certificate ${cert.cert}; ssl_certificate_key ${cert.key};
    location / { proxy_pass http://127.0.0.1:${origins.port}; proxy_cache kept; }
    location /mirrors/ { proxy_pass http://mirrors; }
    location /dead/ { proxy_pass http://127.0.0.1:${origins.deadPort}; }
    location /untrusted/ {
      proxy_ssl_verify on; proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;
      proxy_pass https://127.0.0.1:${origins.tlsPort};
    }
  }
}`,
    );
    const words = ["-p", home, "-c", file, "-e", `${home}/error.log`];
    await beside({ program: nginx, words, folder, port }, () => use(port, tlsPort));
  }

  const paths = ["/200/kept/a", "/200/kept/a", "/200/slow", "/404/x", "/dead/a", "/mirrors/a"];

  it("tells cache, attempts, and failed handshakes on both sides", async () => {
    await run(stand.snippet("nginx-json"), async (nginxPort, tlsPort) => {
      const asked = [...(await askEach(nginxPort, paths)), await ask(nginxPort, "/untrusted/a")];
      await failHandshake(tlsPort);
      const stored = await stand.exchanges("edge_nginx", asked.length + 1);
      expect(differences(stored, asked)).toEqual([]);
      const { port, deadPort, tlsPort: untrusted } = stand.origins;
      expect(await stand.counts("edge_nginx")).toEqual({
        requests: asked.length,
        errors: 2,
        notFound: 1,
        cache: { hit: 1, miss: 2, none: 3 },
        upstreams: {
          [`127.0.0.1:${port}`]: [3, 0],
          [`127.0.0.1:${deadPort}`]: [1, 1],
          [`127.0.0.1:${untrusted}`]: [1, 1],
          mirrors: [2, 1],
        },
      });
      expect(await stand.tlsFailures("edge_nginx", 2)).toEqual([
        "client no_shared_cipher",
        "upstream self_signed",
      ]);
    });
  });

  it("tells statuses by its default format", async () => {
    await run(stand.snippet("nginx-combined"), async (port) => {
      const asked = await askEach(port, paths);
      expect(differences(await stand.exchanges("edge_combined", asked.length), asked)).toEqual([]);
    });
  });

  it("tells attempts by a log_format of its own, read from its file", async () => {
    await run(stand.snippet("nginx-own"), async (port) => {
      const asked = await askEach(port, paths);
      await stand.tailing("nginx-own-tail", async () => {
        const stored = await stand.exchanges("edge_own", asked.length);
        expect(differences(stored, asked)).toEqual([]);
        expect(stored.at(-1)).toMatchObject({
          path: "/mirrors/a",
          latencyMs: expect.any(Number),
          attempts: [
            { endpoint: `127.0.0.1:${stand.origins.deadPort}`, errorType: null },
            {
              endpoint: `127.0.0.1:${stand.origins.port}`,
              status: 200,
              latencyMs: expect.any(Number),
            },
          ],
        });
      });
    });
  });

  it.each([
    ["ingress-nginx", "upstreaminfo", ["502", "200"]],
    ["nginx-proxy-manager", "proxy", ["502", "200"]],
  ])("finds the format of %s by itself", async (name, format, attempts) => {
    // Variables that only the ingress controller sets.
    const set =
      'map "" $proxy_upstream_name { default "mirrors"; } map "" $proxy_alternative_upstream_name { default ""; } map "" $req_id { default "0"; } map "" $server { default "mirrors"; }';
    const syslog = `access_log syslog:server=127.0.0.1:${stand.ingestPorts["VIASCOPE_SYSLOG_PORT"]},tag=edge_${format} ${format};`;
    await run(`${set}\n${stand.snippet(name)}\n${syslog}`, async (port) => {
      const asked = await askEach(port, paths);
      const stored = await stand.exchanges(`edge_${format}`, asked.length);
      expect(differences(stored, asked)).toEqual([]);
      expect(stored.map(attemptsTold).at(-1)).toEqual(attempts);
    });
  });
});
