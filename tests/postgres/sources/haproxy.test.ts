import { readFile } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ask, failHandshake } from "./client.ts";
import { freePort } from "./origin.ts";
import { beside, isInstalled } from "./program.ts";
import { openStand, type Stand } from "./stand.ts";
import { attemptsTold, differences } from "./told.ts";

const haproxy = "/usr/sbin/haproxy";

describe.skipIf(!isInstalled(haproxy))(
  `HAProxy as documented, where ${haproxy} is installed`,
  () => {
    let stand: Stand;

    beforeAll(async () => {
      stand = await openStand();
    });
    afterAll(() => stand.stop());

    const ready = "frontend ready\n  bind 127.0.0.1:READY\n  mode http\n  no log\n";
    const timeouts = "timeout connect 1s\n  timeout client 9s\n  timeout server 9s";

    /** Runs HAProxy with snippets that each end in a `defaults`, all of which one more section follows. */
    async function run(
      sections: readonly (readonly [snippet: string, frontend: string])[],
      use: (...ports: [port: number, tlsPort: number, tcpPort: number]) => Promise<void>,
    ) {
      const { cert, origins, folder } = stand;
      const [port, tlsPort, tcpPort, readyPort] = await Promise.all([
        freePort(),
        freePort(),
        freePort(),
        freePort(),
      ]);
      const both = await stand.write(
        "both.pem",
        (await readFile(cert.cert, "utf8")) + (await readFile(cert.key, "utf8")),
      );
      const file = await stand.write(
        `haproxy-${port}.cfg`,
        `cache kept
  total-max-size 4
  max-age 60
${sections.map(([name, frontend]) => `${stand.snippet(name)}  ${timeouts}\n${frontend}`).join("\n")}
${ready}`
          .replaceAll("READY", String(readyPort))
          .replaceAll("TCP_PORT", String(tcpPort))
          .replaceAll("PORT", String(port))
          .replaceAll("TLS_BIND", `bind 127.0.0.1:${tlsPort} ssl crt ${both}`)
          .replaceAll("ORIGIN_TLS", `127.0.0.1:${origins.tlsPort}`)
          .replaceAll("ORIGIN", `127.0.0.1:${origins.port}`)
          .replaceAll("DEAD", `127.0.0.1:${origins.deadPort}`),
      );
      await beside({ program: haproxy, words: ["-db", "-f", file], folder, port: readyPort }, () =>
        use(port, tlsPort, tcpPort),
      );
    }

    const backends = `  use_backend dead if { path_beg /dead/ }
  use_backend mirrors if { path_beg /mirrors/ }
  use_backend untrusted if { path_beg /untrusted/ }
  default_backend origin
backend origin
  http-request cache-use kept
  http-response cache-store kept
  server a ORIGIN
backend dead
  retries 0
  server a DEAD
backend mirrors
  balance roundrobin
  option redispatch 1
  server a DEAD weight 256
  server b ORIGIN weight 1
backend untrusted
  retries 0
  server a ORIGIN_TLS ssl verify required ca-file /etc/ssl/certs/ca-certificates.crt
`;
    const front = `frontend front\n  bind 127.0.0.1:PORT\n  TLS_BIND\n${backends}`;
    const paths = ["/200/kept/a", "/200/kept/a", "/200/slow", "/404/x", "/dead/a", "/mirrors/a"];

    it("tells cache, retries and times by httplog", async () => {
      await run([["haproxy", front]], async (port, tlsPort) => {
        const asked = [];
        for (const path of paths) asked.push(await ask(port, path));
        await failHandshake(tlsPort);
        const stored = await stand.exchanges("edge_haproxy", asked.length + 1);
        expect(differences(stored, asked)).toEqual([]);
        expect(await stand.counts("edge_haproxy")).toEqual({
          requests: asked.length,
          errors: 1,
          notFound: 1,
          cache: { hit: 1, miss: 1 },
          // Of the attempt before a redispatch the line says neither the server nor what it failed of.
          upstreams: { origin: [3, 0], dead: [1, 1], mirrors: [2, 0] },
        });
        expect(await stand.tlsFailures("edge_haproxy", 1)).toEqual(["client other"]);
      });
    });

    it("tells why handshakes failed on both sides by the formats for that", async () => {
      const both = [
        ["haproxy", ""],
        ["haproxy-reasons", front],
      ] as const;
      await run(both, async (port, tlsPort) => {
        const before = (await stand.exchanges("edge_haproxy", 0)).length;
        const asked = [await ask(port, "/untrusted/a")];
        await failHandshake(tlsPort);
        const stored = (await stand.exchanges("edge_haproxy", before + 2)).filter(
          ({ path }) => path?.startsWith("/untrusted") === true,
        );
        expect(differences(stored, asked)).toEqual([]);
        expect(await stand.tlsFailures("edge_haproxy", 3)).toEqual([
          "client no_shared_cipher",
          "client other",
          "upstream certificate_verify_failed",
        ]);
      });
    });

    it("tells requests and connections by httpslog and tcplog", async () => {
      const alone = "default_backend alone\nbackend alone\n  server a ORIGIN\n";
      const sections = [
        ["haproxy", ""],
        ["haproxy-https", `frontend secure\n  bind 127.0.0.1:PORT\n  TLS_BIND\n  ${alone}`],
        [
          "haproxy-tcp",
          `frontend plain\n  bind 127.0.0.1:TCP_PORT\n  ${alone.replaceAll("alone", "tcp")}`,
        ],
      ] as const;
      await run(sections, async (port, tlsPort, tcpPort) => {
        const asked = [await ask(port, "/200/a"), await ask(port, "/404/b")];
        await failHandshake(tlsPort);
        await ask(tcpPort, "/200/c");
        const stored = await stand.exchanges("edge_https", 3);
        expect(stored.map(attemptsTold)).toEqual([["200"], ["404"], []]);
        expect(differences(stored, asked)).toEqual([]);
        expect(await stand.tlsFailures("edge_https", 1)).toEqual(["client other"]);
        const [connection] = await stand.exchanges("edge_tcp", 1);
        expect(connection).toMatchObject({
          path: null,
          attempts: [{ upstream: "tcp", endpoint: "a", errorType: null }],
        });
      });
    });
  },
);
