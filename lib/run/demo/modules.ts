import type { Random } from "./random.ts";

/** A module that demo clients ask for. */
export interface DemoModule {
  readonly path: string;
  readonly versions: readonly string[];
  /** 0 for the most popular one, up to almost 1. */
  readonly rarity: number;
  readonly isPrivate: boolean;
}

/** Picks a module as builds do: few of them make most of the requests (Zipf). */
export function pickModule(random: Random): DemoModule {
  const at = random.next() * (weights.at(-1) ?? 0);
  const place = weights.findIndex((weight) => at < weight);
  return modules[place] ?? random.pick(modules);
}

/** Where no module is: the go command asks for every prefix of an import path. */
export function pickAbsentPath(random: Random): string {
  return `${pickModule(random).path}/${random.pick(["internal", "cmd", "pkg", "testdata"])}`;
}

/** The sum database keeps its tree in tiles; clients ask for records, and for the tiles that prove them. */
export function sumdbPath(random: Random): string {
  if (random.chance(0.05)) return `${sumdbBase}/supported`;
  if (random.chance(0.45)) {
    const number = Math.floor(random.between(0, 900)).toString().padStart(3, "0");
    return `${sumdbBase}/tile/8/${random.pick(["0", "1", "2"])}/x000/x${number}/${number}`;
  }
  const { path, versions } = pickModule(random);
  return `${sumdbBase}/lookup/${escaped(path)}@${escaped(random.pick(versions))}`;
}

/** Upper case as the protocol writes it: `!x` for `X`. */
export function escaped(path: string): string {
  return path.replaceAll(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
}

const sumdbBase = "/sumdb/sum.example";

/** The most popular first. */
const catalog: readonly (readonly [path: string, ...versions: string[]])[] = [
  ["golang.org/x/sys", "v0.38.0", "v0.37.0", "v0.30.0"],
  ["golang.org/x/net", "v0.47.0", "v0.46.0", "v0.40.0"],
  ["github.com/stretchr/testify", "v1.11.1", "v1.10.0"],
  ["golang.org/x/text", "v0.31.0", "v0.30.0"],
  ["google.golang.org/protobuf", "v1.36.10", "v1.36.6"],
  ["google.golang.org/grpc", "v1.77.0", "v1.76.0", "v1.72.2"],
  ["golang.org/x/crypto", "v0.45.0", "v0.44.0"],
  ["git.corp.example/platform/authz", "v2.14.1", "v2.14.0", "v2.13.6"],
  ["github.com/spf13/cobra", "v1.10.1", "v1.9.1"],
  ["gopkg.in/yaml.v3", "v3.0.1"],
  ["github.com/google/uuid", "v1.6.0"],
  ["github.com/prometheus/client_golang", "v1.23.2", "v1.22.0"],
  ["golang.org/x/sync", "v0.18.0", "v0.17.0"],
  ["golang.org/x/tools", "v0.39.0", "v0.38.0"],
  ["github.com/spf13/pflag", "v1.0.10", "v1.0.9"],
  ["go.uber.org/zap", "v1.27.1", "v1.27.0"],
  ["git.corp.example/platform/telemetry", "v0.31.0", "v0.30.2"],
  ["github.com/davecgh/go-spew", "v1.1.2-0.20180830191138-d8f796af33cc"],
  ["github.com/BurntSushi/toml", "v1.5.0", "v1.4.0"],
  ["k8s.io/api", "v0.34.2", "v0.33.6"],
  ["k8s.io/apimachinery", "v0.34.2", "v0.33.6"],
  ["k8s.io/client-go", "v0.34.2", "v0.33.6"],
  ["github.com/sirupsen/logrus", "v1.9.3"],
  ["github.com/gorilla/mux", "v1.8.1"],
  ["github.com/go-logr/logr", "v1.4.3"],
  ["go.opentelemetry.io/otel", "v1.38.0", "v1.37.0"],
  ["github.com/gin-gonic/gin", "v1.11.0", "v1.10.1"],
  ["git.corp.example/payments/ledger", "v1.8.3", "v1.8.2"],
  ["github.com/Masterminds/semver/v3", "v3.4.0"],
  ["github.com/jackc/pgx/v5", "v5.7.6", "v5.7.5"],
  ["github.com/cespare/xxhash/v2", "v2.3.0"],
  ["github.com/klauspost/compress", "v1.18.1", "v1.18.0"],
  ["github.com/pmezard/go-difflib", "v1.0.1-0.20181226105442-5d4384ee4fb2"],
  ["github.com/mattn/go-isatty", "v0.0.20"],
  ["github.com/hashicorp/go-multierror", "v1.1.1"],
  ["github.com/docker/docker", "v28.5.2+incompatible", "v27.5.1+incompatible"],
  ["github.com/golang/protobuf", "v1.5.4"],
  ["github.com/fsnotify/fsnotify", "v1.9.0"],
  ["github.com/redis/go-redis/v9", "v9.17.0", "v9.16.0"],
  ["github.com/go-chi/chi/v5", "v5.2.3"],
  ["github.com/Azure/azure-sdk-for-go/sdk/azcore", "v1.20.0"],
  ["github.com/aws/aws-sdk-go-v2", "v1.40.0", "v1.39.6"],
  ["git.corp.example/search/ranker", "v0.9.12"],
  ["github.com/felixge/httpsnoop", "v1.0.4"],
  ["sigs.k8s.io/yaml", "v1.6.0"],
  ["github.com/json-iterator/go", "v1.1.12"],
  ["github.com/modern-go/reflect2", "v1.0.3-0.20250322232337-35a7c28c31ee"],
  ["github.com/Microsoft/go-winio", "v0.6.2"],
  ["github.com/labstack/echo/v4", "v4.13.4"],
  ["github.com/gofrs/uuid", "v4.4.0+incompatible"],
  ["cloud.google.com/go/storage", "v1.57.1"],
  ["github.com/nats-io/nats.go", "v1.47.0"],
  ["github.com/twmb/franz-go", "v1.20.4"],
  ["github.com/ProtonMail/go-crypto", "v1.3.0"],
  ["github.com/elastic/go-elasticsearch", "v0.0.0"],
  ["github.com/form3tech-oss/jwt-go", "v3.2.5+incompatible"],
  ["modernc.org/sqlite", "v1.40.0"],
  ["gonum.org/v1/gonum", "v0.16.0"],
  ["github.com/DataDog/zstd", "v1.5.7"],
  ["rsc.io/quote", "v1.5.2"],
];

const modules: readonly DemoModule[] = catalog.map(([path, ...versions], place) => ({
  path,
  versions,
  rarity: place / catalog.length,
  isPrivate: path.startsWith("git.corp.example/"),
}));

/** Running sums of 1 / rank. */
const weights: readonly number[] = modules.reduce<number[]>(
  (sums, _, place) => [...sums, (sums.at(-1) ?? 0) + 1 / (place + 2)],
  [],
);
