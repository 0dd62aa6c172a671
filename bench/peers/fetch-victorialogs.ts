import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Debian 13: Debian 12 has no sources of it, later ones of VictoriaMetrics are without it. */
const suite = "trixie";
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
/** The compiler and what it imports, with the zstd in C that its makers build it with: a fifth less CPU than that in Go. */
const packages = [
  "golang-1.24-go",
  "golang-1.24-src",
  "golang-github-cespare-xxhash-dev",
  "golang-github-golang-snappy-dev",
  "golang-github-klauspost-compress-dev",
  "golang-github-valyala-bytebufferpool-dev",
  "golang-github-valyala-fastjson-dev",
  "golang-github-valyala-fastrand-dev",
  "golang-github-valyala-fasttemplate-dev",
  "golang-github-valyala-gozstd-dev",
  "golang-github-valyala-histogram-dev",
  "golang-github-valyala-quicktemplate-dev",
  "golang-github-victoriametrics-easyproto-dev",
  "golang-github-victoriametrics-metrics-dev",
  "golang-github-victoriametrics-metricsql-dev",
  "golang-github-victoriametrics-victoriametrics-dev",
  "golang-golang-x-sys-dev",
  "libzstd-dev",
];
const sources = "github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-logs";

/** Where it is put. */
export function victoriaLogsBinary(folder: string): string {
  return join(folder, "victorialogs", "victoria-logs");
}

/** Builds it with this machine's C compiler from packages that are not installed; one that is there stays. */
export async function fetchVictoriaLogs(folder: string): Promise<void> {
  const binary = victoriaLogsBinary(folder);
  if (existsSync(binary)) return;
  await mkdir(join(folder, "victorialogs"), { recursive: true });
  const work = await mkdtemp(join(folder, "victorialogs", "build-"));
  try {
    const tree = join(work, "tree");
    await unpack(work, tree);
    const built = join(work, "victoria-logs");
    await build(work, tree, built);
    await rename(built, binary);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** With a state of apt's own, so that the machine's is left as it is. */
async function unpack(work: string, tree: string): Promise<void> {
  const apt = join(work, "apt");
  const downloads = join(work, "packages");
  for (const part of ["etc", "cache/archives/partial", "state/lists/partial"])
    await mkdir(join(apt, part), { recursive: true });
  await mkdir(downloads);
  const source = `deb [signed-by=${keyring}] ${await mirror()} ${suite} main\n`;
  await writeFile(join(apt, "etc/sources.list"), source);
  const options = [
    `Dir::Etc=${join(apt, "etc")}`,
    `Dir::Cache=${join(apt, "cache")}`,
    `Dir::State=${join(apt, "state")}`,
    // The user that apt would become for it may not be able to write here.
    "APT::Sandbox::User=root",
  ].flatMap((option) => ["-o", option]);
  await run("apt-get", [...options, "update"]);
  await run("apt-get", [...options, "download", ...packages], { cwd: downloads });
  for (const name of await readdir(downloads))
    await run("dpkg", ["-x", join(downloads, name), tree]);
}

/** Where this machine has Debian from. */
async function mirror(): Promise<string> {
  const filters = ["Created-By: Packages", "Label: Debian", "Component: main"];
  const { stdout } = await run("apt-get", ["indextargets", "--format", "$(SITE)", ...filters]);
  const [first = ""] = stdout.split("\n");
  if (first === "") throw new Error("apt knows no mirror of Debian");
  return first;
}

async function build(work: string, tree: string, binary: string): Promise<void> {
  const go = join(tree, "usr/lib/go-1.24");
  await run(join(go, "bin/go"), ["build", "-o", binary, sources], {
    env: {
      NODE_ENV: "production",
      PATH: "/usr/bin:/bin",
      HOME: work,
      GOROOT: go,
      GOPATH: join(tree, "usr/share/gocode"),
      GOCACHE: join(work, "cache"),
      GO111MODULE: "off",
      GOTOOLCHAIN: "local",
      CGO_ENABLED: "1",
      CGO_CFLAGS: `-O2 -I${join(tree, "usr/include")}`,
      CGO_LDFLAGS: `-L${join(tree, "usr/lib/x86_64-linux-gnu")}`,
    },
  });
}
