// Gathers what the package holds: the site's own modules as they are, and their types. `--clean` takes them away again.

import { execFileSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

for (const made of ["core", "types"]) rmSync(here(made), { recursive: true, force: true });
if (!process.argv.includes("--clean")) {
  cpSync(here("../../chat/static/chat/js/core"), here("core"), { recursive: true });
  execFileSync(process.execPath, [here("node_modules/typescript/bin/tsc"), "--project", here("tsconfig.json")], {
    stdio: "inherit",
  });
}
