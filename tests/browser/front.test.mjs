// The pages that everybody can see, at both widths, with JavaScript on and off.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPage, overflow, startBrowser, startPortal } from "./portal.mjs";

let portal;
let browser;

before(async () => {
  portal = await startPortal({ env: { CPE_PORTAL_BODY: "Institute for Browser Tests" } });
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await portal?.stop();
});

for (const path of ["/", "/guide", "/sign-in", "/password-reset", "/verify"]) {
  for (const width of ["wide", "narrow"]) {
    for (const javaScript of [true, false]) {
      test(`${path} is a whole page, ${width}, ${javaScript ? "with" : "without"} JavaScript`, async () => {
        const page = await openPage(browser, portal, { javaScript, width });
        const answer = await page.goto(path);
        assert.equal(answer.status(), 200);
        assert.equal(await page.locator("h1").count(), 1);
        assert.match(await page.title(), /Institute for Browser Tests/);
        assert.equal(await page.locator("html").getAttribute("lang"), "en");
        assert.equal(await overflow(page), 0);
        assert.deepEqual(page.faults, []);
        await page.context().close();
      });
    }
  }
}
