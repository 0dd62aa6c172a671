import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

import { chromium } from "@playwright/test";

/** Where a Chromium stands on this machine: the system's, else the one that Playwright brought; null when there is none. */
export function findChromium(): string | null {
  const places = [...systemPlaces, chromium.executablePath()];
  return places.find((place) => existsSync(place)) ?? null;
}

/** Gets a Chromium when there is none: Debian's package as root, else Playwright's own. */
export function ensureChromium(): void {
  if (findChromium() !== null) return;
  if (process.getuid?.() === 0 && run("apt-get", ["--version"], "ignore")) {
    run("apt-get", ["update", "--quiet"], "inherit");
    run("apt-get", ["install", "--yes", "--no-install-recommends", "chromium"], "inherit");
  }
  if (findChromium() === null) run("playwright", ["install", "chromium"], "inherit");
  if (findChromium() !== null) return;
  throw new Error(
    "The browser tests need Chromium, and none could be installed: install it and run npm test again.",
  );
}

const systemPlaces = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

function run(command: string, args: string[], output: "inherit" | "ignore"): boolean {
  return spawnSync(command, args, { stdio: ["ignore", output, output] }).status === 0;
}
