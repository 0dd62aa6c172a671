// The only file that runs on the Node of the machine (20 or newer): it gets everything else ready, then hands over
// to the Node 24 of node_modules. Plain JavaScript, because that Node does not run TypeScript.
import { buildPages } from "./bootstrap/build-pages.mjs";
import { compileRoles } from "./bootstrap/compile-roles.mjs";
import { generateClient } from "./bootstrap/generate-client.mjs";
import { handOver } from "./bootstrap/hand-over.mjs";
import { installPackages } from "./bootstrap/install-packages.mjs";

const [command = "start", ...rest] = process.argv.slice(2);

try {
  const [major = 0] = process.versions.node.split(".").map(Number);
  if (major < 20)
    throw new Error(`Node ${process.versions.node} is too old: install Node 20 or newer.`);
  installPackages();
  generateClient();
  if (["start", "web", "test", "build"].includes(command)) buildPages();
  if (["start", "ingest", "worker", "web", "build"].includes(command)) compileRoles();
  if (command === "test") await handOver(["tests/run-all.ts", ...rest], "test");
  else if (!["install", "build"].includes(command)) {
    await handOver(["bin/viascope.ts", command, ...rest], "production");
  }
} catch (error) {
  process.stderr.write(`viascope: ${error.message}\n`);
  process.exit(1);
}
