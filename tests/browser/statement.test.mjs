// What stood on a day: a statement about a holder and a certificate, on the screen and on paper.

import assert from "node:assert/strict";
import { test } from "node:test";
import { judged } from "./judge.mjs";
import { day, longDate } from "./people.mjs";
import { overflow } from "./portal.mjs";
import { browser, portal, stage } from "./stage.mjs";
import { demoPage } from "./walk.mjs";

stage({ command: ["demo"] });

/** Opens the first holder of the list whose certificate stands so. */
async function holderWho(page, words) {
  await page.goto("/staff/holders");
  await page.locator("main tbody tr", { hasText: words }).first().locator("a").first().click();
  await page.waitForURL(/\/staff\/holders\/\d+$/);
}

for (const [width, javaScript] of [["wide", true], ["narrow", false]]) {
  test(`a reviewer asks for a day and prints what stood on it, ${width}, ${javaScript ? "with" : "without"} script`, async () => {
    const page = await demoPage(browser, portal, "reviewer", { width, javaScript });
    await holderWho(page, "Flagged");
    await page.click("text=As of a day…");
    assert.equal(await page.textContent("h1"), `Statement as of ${longDate(day())}`);
    assert.ok((await page.textContent("main")).includes("Flagged"));
    assert.equal(await overflow(page), 0);

    const past = day(-200);
    await page.fill("#on", past);
    await page.press("#on", "Enter");
    await page.waitForURL(/on=/);
    assert.equal(await page.textContent("h1"), `Statement as of ${longDate(past)}`);
    assert.ok(!(await page.textContent("main .statement-part")).includes("Flagged"), "nothing was flagged then");
    assert.equal(await overflow(page), 0);

    await page.fill("#on", day(30));
    await page.click("text=Show that day");
    assert.equal(await page.getAttribute("#on", "aria-invalid"), "true");
    assert.equal(await page.inputValue("#on"), day(30));
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}

test("everybody can use it: axe at every size, in light and dark", async () => {
  const page = await demoPage(browser, portal, "reviewer");
  await holderWho(page, "Flagged");
  const holder = new URL(page.url()).pathname;
  const certificate = await page.getAttribute("main section.card h3 a", "href");
  for (const path of [holder, certificate]) {
    await page.goto(`${path}/statement?on=${day(-30)}`);
    await judged(page, path);
    await page.goto(`${path}/statement?on=soon`);
    await judged(page, `${path}, refused`);
  }
  await page.context().close();
});

test("on paper it has one head, no menus and no form, and the same lines", async () => {
  const page = await demoPage(browser, portal, "holder");
  const certificate = await page.getAttribute("a[href^='/certificates/']", "href");
  await page.goto(`${certificate.split("#")[0]}/statement`);
  await page.emulateMedia({ media: "print" });
  const seen = (selector) => page.locator(selector).first().isVisible();
  for (const gone of [".top", "main form.filters", ".back", ".bottom", "[data-print]"]) {
    assert.equal(await seen(gone), false, gone);
  }
  for (const there of ["h1", ".statement-head", ".statement-part table", ".statement-foot"]) {
    assert.equal(await seen(there), true, there);
  }
  assert.ok((await page.pdf({ format: "A4" })).byteLength > 5_000);
  await page.context().close();
});
