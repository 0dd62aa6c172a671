import { spawnSync } from "node:child_process";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ask, askEach, failHandshake } from "./client.ts";
import { freePort } from "./origin.ts";
import { beside } from "./program.ts";
import { openStand, type Stand } from "./stand.ts";
import { exchangesTold, differences } from "./told.ts";

const squid = "/usr/sbin/squid";

const withOpenSsl = spawnSync(squid, ["-v"], { encoding: "utf8" }).stdout ?? "";

describe.skipIf(!withOpenSsl.includes("--with-openssl"))(
  `Squid as documented, where ${squid} of squid-openssl is installed`,
  () => {
    let stand: Stand;

    beforeAll(async () => {
      stand = await openStand();
    });
    afterAll(() => stand.stop());

    async function run(logs: string, use: (port: number, tlsPort: number) => Promise<void>) {
      const { folder, origins, cert } = stand;
      const [port, tlsPort] = await Promise.all([freePort(), freePort()]);
      const only = "no-query no-digest no-netdb-exchange originserver";
      const file = await stand.write(
        `squid-${port}.conf`,
        `${logs}
http_port 127.0.0.1:${port} accel defaultsite=proxy.test no-vhost
https_port 127.0.0.1:${tlsPort} accel defaultsite=proxy.test no-vhost tls-cert=${cert.cert} tls-key=${cert.key}
cache_peer 127.0.0.1 parent ${origins.port} 0 ${only} name=origin
cache_peer 127.0.0.1 parent ${origins.deadPort} 0 ${only} name=dead
cache_peer 127.0.0.1 parent ${origins.tlsPort} 0 ${only} name=untrusted tls
acl dead urlpath_regex ^/dead/
acl untrusted urlpath_regex ^/untrusted/
cache_peer_access dead allow dead
cache_peer_access untrusted allow untrusted
cache_peer_access origin deny dead
cache_peer_access origin deny untrusted
cache_peer_access origin allow all
never_direct allow all
http_access allow all
cache_mem 8 MB
visible_hostname proxy.test
pid_filename ${folder}/squid-${port}.pid
cache_log ${folder}/cache-${port}.log
coredump_dir ${folder}
pinger_enable off
shutdown_lifetime 0 seconds
`,
      );
      await beside(
        {
          program: squid,
          words: ["-N", "-f", file],
          folder,
          says: [`${folder}/cache-${port}.log`, "Accepting reverse-proxy HTTPS"],
        },
        () => use(port, tlsPort),
      );
    }

    const paths = ["/200/kept/a", "/200/kept/a", "/200/slow", "/404/x", "/dead/a"];

    it("tells cache, peers and why they failed", async () => {
      await run(stand.snippet("squid"), async (port, tlsPort) => {
        const asked = [...(await askEach(port, paths)), await ask(port, "/untrusted/a")];
        await failHandshake(tlsPort);
        await stand.tailing("squid-tail", async () => {
          const stored = await stand.exchanges("edge_squid", asked.length + 1);
          expect(differences(stored, asked)).toEqual([]);
          expect(exchangesTold(stored)).toEqual([
            "/200/kept/a hit: ",
            "/200/kept/a miss: 200",
            "/200/slow miss: 200",
            "/404/x miss: 404",
            "/dead/a miss: connection_terminated",
            "/untrusted/a miss: tls_certificate_error",
            "null none: ",
          ]);
          expect(await stand.counts("edge_squid")).toEqual({
            requests: asked.length,
            errors: 2,
            notFound: 1,
            cache: { hit: 1, miss: 2 },
            // Of a peer that was asked in vain Squid logs no name.
            upstreams: { origin: [3, 0], unknown: [2, 2] },
          });
          expect(await stand.tlsFailures("edge_squid", 2)).toEqual([
            "client no_shared_cipher",
            "upstream self_signed",
          ]);
        });
      });
    });

    it("tells cache and peers by its own formats", async () => {
      await run(stand.snippet("squid-native"), async (port) => {
        const asked = await askEach(port, paths);
        for (const name of ["access", "combined"]) {
          await stand.post(`proxy=edge_${name}`, `${name}.log`, asked.length);
          const stored = await stand.exchanges(`edge_${name}`, asked.length);
          expect(differences(stored, asked)).toEqual([]);
          expect(exchangesTold(stored)).toEqual([
            "/200/kept/a hit: ",
            "/200/kept/a miss: 200",
            "/200/slow miss: 200",
            "/404/x miss: 404",
            "/dead/a miss: ",
          ]);
        }
      });
    });
  },
);
