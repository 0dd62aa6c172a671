import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ask, askEach, failHandshake } from "./client.ts";
import { freePort } from "./origin.ts";
import { beside, isInstalled } from "./program.ts";
import { openStand, type Stand } from "./stand.ts";
import { exchangesTold, differences } from "./told.ts";

const apache = "/usr/sbin/apache2";
const modules = ["mpm_event", "authz_core", "env", "proxy", "proxy_http", "proxy_balancer"].concat([
  "lbmethod_byrequests",
  "slotmem_shm",
  "cache",
  "cache_disk",
  "ssl",
  "socache_shmcb",
]);

describe.skipIf(!isInstalled(apache))(`Apache as documented, where ${apache} is installed`, () => {
  let stand: Stand;

  beforeAll(async () => {
    stand = await openStand();
  });
  afterAll(() => stand.stop());

  async function run(logs: string, use: (port: number, tlsPort: number) => Promise<void>) {
    const { folder, origins, cert } = stand;
    const [port, tlsPort, readyPort] = await Promise.all([freePort(), freePort(), freePort()]);
    const home = join(folder, String(port));
    await mkdir(home);
    await chmod(home, 0o777);
    const load = modules.map(
      (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`,
    );
    const up = `http://127.0.0.1:${origins.port}`;
    const file = await stand.write(
      `httpd-${port}.conf`,
      `ServerRoot ${home}
PidFile ${home}/httpd.pid
DefaultRuntimeDir ${home}
ServerName proxy.test
${load.join("\n")}
User www-data
Group www-data
ErrorLog ${home}/error.log
Listen 127.0.0.1:${port}
Listen 127.0.0.1:${tlsPort}
Listen 127.0.0.1:${readyPort}
LogFormat "%v:%p %h %l %u %t \\"%r\\" %>s %O \\"%{Referer}i\\" \\"%{User-Agent}i\\"" vhost_combined
LogFormat "%h %l %u %t \\"%r\\" %>s %O \\"%{Referer}i\\" \\"%{User-Agent}i\\"" combined
LogFormat "%h %l %u %t \\"%r\\" %>s %O" common
${logs}
CacheRoot ${home}
CacheEnable disk /
CacheQuickHandler off
SSLProxyEngine on
SSLProxyVerify require
SSLProxyCACertificateFile /etc/ssl/certs/ca-certificates.crt
<Proxy "balancer://mirrors">
  BalancerMember "http://127.0.0.1:${origins.deadPort}" retry=60
  BalancerMember "${up}" status=+H
</Proxy>
ProxyPass /dead/ http://127.0.0.1:${origins.deadPort}/
ProxyPass /mirrors/ balancer://mirrors/
ProxyPass /untrusted/ https://127.0.0.1:${origins.tlsPort}/
ProxyPass / ${up}/
<VirtualHost 127.0.0.1:${tlsPort}>
  SSLEngine on
  SSLCertificateFile ${cert.cert}
  SSLCertificateKeyFile ${cert.key}
</VirtualHost>
`,
    );
    const words = ["-D", "FOREGROUND", "-f", file];
    await beside({ program: apache, words, folder, port: readyPort }, () => use(port, tlsPort));
  }

  const paths = ["/200/kept/a", "/200/kept/a", "/200/slow", "/404/x", "/dead/a", "/mirrors/a"];

  it("tells cache, balancer and failed handshakes", async () => {
    await run(stand.snippet("apache"), async (port, tlsPort) => {
      const asked = [...(await askEach(port, paths)), await ask(port, "/untrusted/a")];
      await failHandshake(tlsPort);
      await stand.tailing("apache-tail", async () => {
        const stored = await stand.exchanges("edge_apache", asked.length + 1);
        expect(differences(stored, asked)).toEqual([]);
        expect(exchangesTold(stored)).toEqual([
          "/200/kept/a hit: ",
          "/200/kept/a miss: ",
          "/200/slow bypass: ",
          "/404/x bypass: ",
          "/dead/a none: ",
          // Only balancers name whom they asked, and of those it names the last.
          "/mirrors/a bypass: 200",
          "/untrusted/a none: ",
          "null null: ",
        ]);
        expect(await stand.counts("edge_apache")).toEqual({
          requests: asked.length,
          errors: 2,
          notFound: 1,
          cache: { hit: 1, miss: 1, bypass: 3, none: 2 },
          upstreams: { mirrors: [1, 0] },
        });
        expect(await stand.tlsFailures("edge_apache", 1)).toEqual(["client no_shared_cipher"]);
      });
    });
  });

  it("tells requests by the formats that Debian knows", async () => {
    await run(stand.snippet("apache-defaults"), async (port) => {
      const asked = await askEach(port, paths);
      for (const name of ["common", "combined", "other_vhosts_access"]) {
        await stand.post(`proxy=edge_${name}&format=apache`, `${name}.log`, asked.length);
        expect(differences(await stand.exchanges(`edge_${name}`, asked.length), asked)).toEqual([]);
      }
    });
  });
});
