import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ask, type Asked, failHandshake } from "./client.ts";
import { freePort } from "./origin.ts";
import { beside, isInstalled } from "./program.ts";
import { openStand, type Stand } from "./stand.ts";
import { attemptsTold, differences } from "./told.ts";

describe.skipIf(!isInstalled("caddy"))(`Caddy as documented, where caddy is installed`, () => {
  let stand: Stand;

  beforeAll(async () => {
    stand = await openStand();
  });
  afterAll(() => stand.stop());

  async function run(options: string, use: (port: number, tlsPort: number) => Promise<void>) {
    const { folder, origins, cert } = stand;
    const [port, tlsPort, adminPort] = await Promise.all([freePort(), freePort(), freePort()]);
    const file = await stand.write(
      "Caddyfile",
      `{
${options}
  admin 127.0.0.1:${adminPort}
  auto_https off
}
(all) {
  log
  handle /dead/* {
    reverse_proxy 127.0.0.1:${origins.deadPort}
  }
  handle /mirrors/* {
    reverse_proxy 127.0.0.1:${origins.deadPort} 127.0.0.1:${origins.port} {
      lb_policy first
      lb_try_duration 2s
      fail_duration 2s
    }
  }
  handle /untrusted/* {
    reverse_proxy https://127.0.0.1:${origins.tlsPort}
  }
  handle {
    reverse_proxy 127.0.0.1:${origins.port}
  }
}
http://127.0.0.1:${port} {
  import all
}
https://proxy.test:${tlsPort} {
  tls ${cert.cert} ${cert.key}
  import all
}
`,
    );
    const environment = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
    const words = ["run", "--adapter", "caddyfile", "--config", file];
    await beside({ program: "caddy", words, folder, environment, port: adminPort }, () =>
      use(port, tlsPort),
    );
  }

  it("tells attempts, and failed handshakes on both sides, by its debug log", async () => {
    await run(stand.snippet("caddy-debug"), async (port, tlsPort) => {
      const asked: Asked[] = [];
      const paths = ["/200/a", "/200/slow", "/404/x", "/dead/a", "/mirrors/a", "/untrusted/a"];
      for (const path of paths) asked.push(await ask(port, path));
      await failHandshake(tlsPort);
      await stand.tailing("caddy-tail", async () => {
        const stored = await stand.exchanges("edge_caddy", asked.length + 1);
        expect(differences(stored, asked)).toEqual([]);
        expect(stored.map(attemptsTold)).toEqual([
          ["200"],
          ["200"],
          ["404"],
          ["connection_refused"],
          ["connection_refused", "200"],
          ["tls_certificate_error"],
          [],
        ]);
        expect(await stand.tlsFailures("edge_caddy", 2)).toEqual([
          "client no_shared_cipher",
          "upstream unknown_ca",
        ]);
      });
    });
  });
});
