import { expect, it } from "vitest";

import { soak } from "../soak.ts";
import { lineTargets } from "./line-targets.ts";
import { otlpTargets } from "./otlp-targets.ts";
import { pushTargets } from "./push-targets.ts";
import { runFuzz } from "./run-fuzz.ts";

const inputs = 50_000 * soak;
const mebibyte = 1024 * 1024;

it(
  "no decoder fails, hangs or leaks, whatever it is given",
  () => {
    const targets = [...otlpTargets, ...pushTargets, ...lineTargets];
    const figures = runFuzz(targets, Math.ceil(inputs / targets.length));
    process.stdout.write(`fuzz: ${JSON.stringify(figures)}\n`);
    expect(figures.inputs).toBeGreaterThanOrEqual(inputs);
    expect(figures.heapGrowthBytes).toBeLessThan(48 * mebibyte);
  },
  120_000 * soak,
);
