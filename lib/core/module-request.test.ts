import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { moduleRequestOf } from "./module-request.ts";

const toml = "github.com/BurntSushi/toml";

describe("understands every file of the protocol", () => {
  it.each([
    ["/github.com/!burnt!sushi/toml/@v/list", toml, null, "list"],
    ["/github.com/!burnt!sushi/toml/@latest", toml, null, "latest"],
    ["/github.com/!burnt!sushi/toml/@v/v1.3.2.info", toml, "v1.3.2", "info"],
    ["/github.com/!burnt!sushi/toml/@v/v1.3.2.mod", toml, "v1.3.2", "mod"],
    ["/github.com/!burnt!sushi/toml/@v/v1.3.2.zip", toml, "v1.3.2", "zip"],
    ["/golang.org/x/mod/@v/list?go-get=1", "golang.org/x/mod", null, "list"],
    ["/golang.org/x/mod/@v/list#x", "golang.org/x/mod", null, "list"],
    ["/gopkg.in/yaml.v3/@v/v3.0.1.mod", "gopkg.in/yaml.v3", "v3.0.1", "mod"],
    [
      "/github.com/docker/docker/@v/v28.0.0+incompatible.zip",
      "github.com/docker/docker",
      "v28.0.0+incompatible",
      "zip",
    ],
    [
      "/golang.org/x/sync/@v/v0.0.0-20190423024810-112230192c58.info",
      "golang.org/x/sync",
      "v0.0.0-20190423024810-112230192c58",
      "info",
    ],
    ["/k8s.io/api/@v/v0.30.0-!r!c1.info", "k8s.io/api", "v0.30.0-RC1", "info"],
    ["/example.com/m/v2/@v/v2.0.0.mod", "example.com/m/v2", "v2.0.0", "mod"],
    ["/example.com/m/@v/master.info", "example.com/m", "master", "info"],
    ["/example.com/m/@v/v1.info", "example.com/m", "v1", "info"],
    ["/example.com/m/@v/v1.2.3.zip.info", "example.com/m", "v1.2.3.zip", "info"],
    [
      "/golang.org/toolchain/@v/v0.0.1-go1.27.0.linux-amd64.zip",
      "golang.org/toolchain",
      "v0.0.1-go1.27.0.linux-amd64",
      "zip",
    ],
    ["/git.sr.ht/~sircmpwn/getopt/@v/list", "git.sr.ht/~sircmpwn/getopt", null, "list"],
  ])("%s", (path, module, version, endpoint) => {
    expect(moduleRequestOf(path)).toEqual({ module, version, endpoint });
  });
});

describe("sees through percent-encoding", () => {
  it.each([
    ["/github.com/%21burnt%21sushi/toml/@v/list", toml],
    ["/github.com/!burnt!sushi/toml/%40v/list", toml],
    ["/github.com%2F!burnt!sushi%2Ftoml/@v/list", toml],
    ["/github.com%2F!burnt!sushi%2Ftoml%2F@v%2Flist", toml],
    ["/git.sr.ht/%7Esircmpwn/getopt/@v/list", "git.sr.ht/~sircmpwn/getopt"],
  ])("%s", (path, module) => {
    expect(moduleRequestOf(path)).toMatchObject({ module, endpoint: "list" });
  });

  it("leaves a plus a plus, escaped or not", () => {
    const version = "v1.0.0+incompatible";
    expect(moduleRequestOf("/a.b/c/@v/v1.0.0+incompatible.mod")).toMatchObject({ version });
    expect(moduleRequestOf("/a.b/c/@v/v1.0.0%2Bincompatible.mod")).toMatchObject({ version });
  });
});

describe("cuts the base path of a repository manager", () => {
  it.each([
    ["/artifactory/api/go/go-virtual/github.com/pkg/errors/@v/list"],
    ["/artifactory/api/go/go.local/github.com/pkg/errors/@v/list"],
    ["/artifactory/api/go/GO-Remote/github.com/pkg/errors/@v/list"],
    ["/api/go/go-virtual/github.com/pkg/errors/@v/list"],
    ["/repository/go-proxy/github.com/pkg/errors/@v/list"],
    ["/nexus/repository/go.group/github.com/pkg/errors/@v/list"],
    ["/api/v4/projects/42/packages/go/github.com/pkg/errors/@v/list"],
    ["/goproxy/github.com/pkg/errors/@v/list"],
    ["/repository.d/api/v4/projects/42/packages/go/github.com/pkg/errors/@v/v1.0.0.mod"],
  ])("%s", (path) => {
    expect(moduleRequestOf(path)?.module).toBe("github.com/pkg/errors");
  });

  it.each([
    ["/github.com/sonatype/repository/go/x/@v/list", "github.com/sonatype/repository/go/x"],
    ["/goproxy/github.com/a/api/go/b/c/@v/list", "github.com/a/api/go/b/c"],
    ["/artifactory.example.com/team/mod/@v/list", "artifactory.example.com/team/mod"],
    ["/std/@v/list", "std"],
  ])("and leaves alone what only looks like one: %s", (path, module) => {
    expect(moduleRequestOf(path)?.module).toBe(module);
  });
});

describe("knows the checksum database behind a proxy", () => {
  it.each([
    "/sumdb/sum.golang.org/supported",
    "/sumdb/sum.golang.org/latest",
    "/sumdb/sum.golang.org/lookup/github.com/!burnt!sushi/toml@v1.3.2",
    "/sumdb/sum.golang.org/tile/8/0/x001/x234/567",
    "/sumdb/sum.golang.org/tile/8/data/000.p/12",
    "/artifactory/api/go/go/sumdb/sum.golang.org/supported",
  ])("%s", (path) => {
    expect(moduleRequestOf(path)).toEqual({
      module: "sum.golang.org",
      version: null,
      endpoint: "sumdb",
    });
  });

  it("but not where a module is named like it", () => {
    expect(moduleRequestOf("/github.com/org/sumdb/foo/latest/@v/list")).toEqual({
      module: "github.com/org/sumdb/foo/latest",
      version: null,
      endpoint: "list",
    });
  });
});

describe("refuses what is not of the protocol", () => {
  it.each([
    "/",
    "",
    "/index.html",
    "/@v/list",
    "//@v/list",
    "/@latest",
    "/github.com/pkg/errors",
    "/github.com/pkg/errors/@v",
    "/github.com/pkg/errors/@v/",
    "/github.com/pkg/errors/@v/.info",
    "/github.com/pkg/errors/@v/v1.0.0.exe",
    "/github.com/pkg/errors/@v/v1.0.0",
    "/github.com/pkg/errors/@latest/x",
    "/github.com/pkg/errors/@v/feature%2Fx.info",
    "/github.com/BurntSushi/toml/@v/list",
    "/github.com/!Burnt!Sushi/toml/@v/list",
    "/github.com/!!burnt/toml/@v/list",
    "/github.com/burnt!/toml/@v/list",
    "/github.com/a b/@v/list",
    "/github.com/%00/@v/list",
    "/github.com/a//b/@v/list",
    "/%zz/@v/list",
    "/%ff%fe/@v/list",
    "/@scope/package/-/package-1.0.0.tgz",
    "/sumdb/sum.golang.org/elsewhere",
    "/sumdb//supported",
    `/${"a/".repeat(2_000)}@v/list`,
  ])("%j", (path) => {
    expect(moduleRequestOf(path)).toBeNull();
  });
});

const element = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,8}$/);
const modulePath = fc
  .tuple(fc.stringMatching(/^[a-z]{1,6}\.[a-z]{2,3}$/), fc.array(element, { maxLength: 4 }))
  .map(([host, rest]) => [host, ...rest].join("/"));
const escape = (text: string): string =>
  text.replaceAll(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);

it("undoes Go's escaping of any module and version, below any base, percent-encoded or not", () => {
  const version = fc.stringMatching(/^v\d{1,3}\.\d{1,3}\.\d{1,3}(-[A-Za-z0-9]{1,8})?$/);
  const base = fc.constantFrom("", "/goproxy", "/repository/go", "/artifactory/api/go/my.repo");
  fc.assert(
    fc.property(modulePath, version, base, fc.boolean(), (module, wanted, before, encode) => {
      const path = `/${escape(module)}/@v/${escape(wanted)}.zip`;
      const sent = before + (encode ? path.replaceAll("!", "%21") : path);
      expect(moduleRequestOf(sent)).toEqual({ module, version: wanted, endpoint: "zip" });
    }),
  );
});

it("reads a path that is sent plain as it reads the same path percent-encoded", () => {
  const part = fc.constantFrom(
    "a",
    "b.c",
    "/",
    "//",
    ".",
    "-",
    "+",
    "~x",
    "V",
    "!v",
    "@",
    "@v/",
    "v1",
  );
  const file = fc.constantFrom(
    "/@v/v1.0.0.info",
    "/@v/v1.0.0+x.mod",
    "/@v/.zip",
    "/@v/v1.exe",
    "/@v/list",
  );
  const base = fc.constantFrom("/", "/artifactory", "/repository", "/a.b/", "/github.com/");
  fc.assert(
    fc.property(base, fc.array(part, { maxLength: 8 }), file, (start, parts, end) => {
      const path = start + parts.join("") + end;
      expect(moduleRequestOf(path)).toEqual(moduleRequestOf(path.replaceAll("@", "%40")));
    }),
    { numRuns: 300 },
  );
}, 60_000);

it("never throws, and names no module with an escape left in it, whatever the path", () => {
  const junk = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.webPath());
  fc.assert(
    fc.property(
      junk,
      fc.constantFrom("", "/@v/list", "/@latest", "/@v/v1.0.0.zip"),
      (start, end) => {
        expect(moduleRequestOf(`/${start}${end}`)?.module ?? "").not.toMatch(/[!%]/);
      },
    ),
  );
}, 60_000);
