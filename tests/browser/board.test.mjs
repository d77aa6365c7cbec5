// The report to the board: every figure leads to its list, on both widths, with and without script, and on paper.

import assert from "node:assert/strict";
import { test } from "node:test";
import { overflow } from "./portal.mjs";
import { browser, portal, stage } from "./stage.mjs";
import { demoPage } from "./walk.mjs";

stage({ command: ["demo"] });

for (const [width, javaScript] of [["wide", true], ["narrow", false]]) {
  test(`each figure is the number of rows in its list, ${width}, ${javaScript ? "with" : "without"} script`, async () => {
    const page = await demoPage(browser, portal, "reviewer", { width, javaScript });
    await page.goto("/staff");
    await page.click("text=Report to the board");
    assert.equal(await overflow(page), 0);
    const figures = await page.locator("tr.whole td a").evaluateAll((links) =>
      links.map((link) => ({ figure: Number.parseInt(link.textContent, 10), path: link.getAttribute("href"), what: link.textContent })),
    );
    assert.ok(figures.length >= 5, JSON.stringify(figures));
    for (const { figure, path, what } of figures) {
      await page.goto(path);
      // a page of a list has fifty rows
      assert.equal(await page.locator("main tbody tr").count(), Math.min(figure, 50), what);
      assert.equal(await overflow(page), 0, path);
    }
    await page.goto("/staff/board");
    await page.selectOption("#by", "by-certification");
    await page.selectOption("#year", String(new Date().getFullYear() - 1));
    await page.click("form.filters button");
    assert.match(await page.locator("table.board").innerText(), /Information Security Practitioner/);
    assert.equal(await overflow(page), 0);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}

test("on paper stand the figures and their day, and nothing to press", async () => {
  const page = await demoPage(browser, portal, "reviewer");
  await page.goto("/staff/board");
  await page.emulateMedia({ media: "print" });
  assert.ok(await page.locator(".print-only").isVisible());
  assert.ok(await page.locator("tr.whole").isVisible());
  for (const hidden of ["form.filters", ".heading-actions", ".back"]) {
    assert.equal(await page.locator(hidden).first().isVisible(), false, hidden);
  }
  await page.context().close();
});
