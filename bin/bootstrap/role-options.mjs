import { readFileSync } from "node:fs";
import { join } from "node:path";

import { checkout } from "./checkout.mjs";

/** Few of our objects outlive a moment, so that a small room for new ones costs no time. Roles have options of their own. */
const usual = ["--max-semi-space-size=4"];

/** Node's options and the environment of the process that runs a command. */
export function optionsOf(command) {
  // Not read before it is needed: packages are installed where lib is not there yet.
  const text = readFileSync(join(checkout, "lib/run/role-options.json"), "utf8");
  const own = JSON.parse(text)[command];
  return own === undefined
    ? { nodeOptions: usual, environment: {} }
    : { nodeOptions: [...usual, ...own.nodeOptions], environment: own.environment };
}
