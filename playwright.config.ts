import { defineConfig, devices } from "@playwright/test";

import { findChromium } from "./tests/chromium.ts";

const executablePath = findChromium();
// A browser cannot build its sandbox as root; what it opens here is our own pages.
const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];

export default defineConfig({
  testDir: "e2e/journeys",
  outputDir: "test-results",
  timeout: 60_000,
  // Each file has a Viascope of its own, and most of a journey is waiting.
  workers: 2,
  reporter: [["list"]],
  use: {
    ...devices["Desktop Chrome"],
    viewport: { width: 1440, height: 900 },
    trace: "retain-on-failure",
    launchOptions: executablePath === null ? { args } : { executablePath, args },
  },
});
