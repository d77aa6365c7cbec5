// What holds for every page of the portal: nothing from anywhere else, no script or style of its own, and little to load.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./portal.mjs";
import { browser, portal, stage } from "./stage.mjs";
import { demoPage, places } from "./walk.mjs";

/** Bytes on first load, compressed: HTML, style, script, icons and fonts together. */
const MOST = 100_000;
const WEIGHED = new Set(["Document", "Stylesheet", "Script", "Font", "Image"]);

stage({ command: ["demo"] });

/** What stands in the page itself and should not: scripts, styles, and attributes that are either. */
const inline = (page) =>
  page.evaluate(() => {
    const own = [...document.querySelectorAll("script:not([src]), style, [style]")];
    const handlers = [...document.querySelectorAll("*")].filter((each) => [...each.attributes].some(({ name }) => name.startsWith("on")));
    return [...own, ...handlers].map((each) => each.outerHTML.slice(0, 120));
  });

/** Loads pages as for the first time, and tells the bytes of each part that came over the wire. */
async function scales(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Network.enable");
  await devtools.send("Network.setCacheDisabled", { cacheDisabled: true });
  const kinds = new Map();
  let parts = new Map();
  devtools.on("Network.responseReceived", ({ requestId, type, response }) => kinds.set(requestId, { type, path: new URL(response.url).pathname }));
  devtools.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const part = kinds.get(requestId);
    // proof files, and what a preview asks for, are not the page
    if (part && WEIGHED.has(part.type) && !part.path.startsWith("/evidence/")) parts.set(part.path, encodedDataLength);
  });
  return async (path) => {
    parts = new Map();
    const answer = await page.goto(path, { waitUntil: "load" });
    await page.waitForTimeout(100); // the last part is told a moment after
    assert.ok(answer.status() < 400, `${path}: ${answer.status()}`);
    return parts;
  };
}

for (const [who, starts, least] of [
  ["nobody", ["/", "/guide", "/verify", "/sign-in", "/password-reset"], 5],
  ["holder", ["/dashboard"], 12],
  ["reviewer", ["/staff"], 20],
  ["administrator", ["/staff", "/admin/jobs"], 35],
]) {
  test(`every page that ${who === "nobody" ? who : `a ${who}`.replace("a a", "an a")} is led to stands on its own and is light`, async () => {
    const page = who === "nobody" ? await openPage(browser, portal) : await demoPage(browser, portal, who);
    const all = await places(page, starts);
    assert.ok(all.length >= least, all.join(" "));
    const weighed = await scales(page);
    for (const path of all) {
      const parts = await weighed(path);
      const total = [...parts.values()].reduce((sum, bytes) => sum + bytes, 0);
      assert.ok([...parts].some(([part, bytes]) => part.endsWith(".css") && bytes > 1_000), `${path}: its style was weighed: ${[...parts].join(" ")}`);
      assert.ok(total <= MOST, `${path} weighs ${total} bytes: ${[...parts].join(" ")}`);
      assert.deepEqual(await inline(page), [], path);
      assert.deepEqual(page.faults.splice(0), [], path);
    }
    await page.context().close();
  });
}
