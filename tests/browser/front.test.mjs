// The pages that everybody can see, at both widths, with JavaScript on and off.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, overflow } from "./portal.mjs";
import { browser, portal, stage } from "./stage.mjs";

stage({ env: { CPE_PORTAL_BODY: "Institute for Browser Tests" } });

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
