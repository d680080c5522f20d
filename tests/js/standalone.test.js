import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const core = new URL("../../chat/static/chat/js/core/", import.meta.url);
const modules = readdirSync(core).filter((name) => name.endsWith(".js"));

test("every module of core/ loads where there is no page, and imports nothing from outside", async () => {
  assert.equal(typeof document, "undefined");
  for (const name of modules) {
    await import(new URL(name, core));
    const imports = readFileSync(new URL(name, core), "utf8").matchAll(/^(?:import|export) .*from "(.*)";$/gm);
    for (const [, from] of imports) assert.ok(/^\.\/\w+\.js$/.test(from), `${name} imports ${from}`);
  }
});
