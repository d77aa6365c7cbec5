// Lists of staff: as many rows in sight as there is room for, still for fingers, and larger for whoever wants that.

import assert from "node:assert/strict";
import { test } from "node:test";
import { overflow } from "./portal.mjs";
import { browser, portal, stage } from "./stage.mjs";
import { demoPage } from "./walk.mjs";

/** Rows that are to be seen at 1280 × 800. */
const LEAST = 14;
const LISTS = ["/staff/review", "/staff/at-risk", "/staff/holders", "/staff/mail"];

stage({ command: ["demo"] });

/** The rows of the first table: how many are wholly in sight and under nothing, the heights of all, and the size of their words. */
const rows = (page) =>
  page.locator("main table").first().evaluate((table) => {
    const all = [...table.tBodies[0].rows];
    const seen = all.filter((row) => {
      const { top, bottom, left } = row.getBoundingClientRect();
      const there = document.elementFromPoint(left + 120, bottom - 4);
      return top >= 0 && bottom <= innerHeight && row.contains(there);
    });
    const heights = all.map((row) => row.getBoundingClientRect().height);
    return { all: all.length, seen: seen.length, heights, font: getComputedStyle(all[0].cells[1]).fontSize };
  });

for (const javaScript of [true, false]) {
  test(`fourteen rows are in sight at 1280 × 800 on every list, ${javaScript ? "with" : "without"} script`, async () => {
    const page = await demoPage(browser, portal, "reviewer", { javaScript });
    await page.setViewportSize({ width: 1280, height: 800 });
    for (const path of LISTS) {
      await page.goto(path);
      const { all, seen, heights, font } = await rows(page);
      assert.ok(seen >= Math.min(LEAST, all), `${path}: ${seen} of ${all}`);
      assert.equal(font, "14px", path);
      const usual = [...heights].sort((one, other) => one - other)[Math.floor(heights.length / 2)];
      assert.ok(usual >= 34 && usual <= 37, `${path}: rows of ${usual} pixels`);
      assert.equal(await overflow(page), 0, path);
    }
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}

test("a row of the queue has two lines on a phone, and what can be pressed is large enough and not covered", async () => {
  const page = await demoPage(browser, portal, "reviewer", { width: "narrow" });
  await page.goto("/staff/review");
  const { heights } = await rows(page);
  assert.ok(Math.max(...heights) <= 70, heights.join(" "));
  const small = await page.locator("main tbody tr").evaluateAll((all) =>
    all.slice(0, 6).flatMap((row) => {
      row.scrollIntoView({ block: "center" });
      return [...row.querySelectorAll("a, input")].filter((each) => each.getClientRects().length > 0).map((each) => {
        const { left, top, width, height } = each.getBoundingClientRect();
        const there = document.elementFromPoint(left + width / 2, top + height / 2);
        return { height: Math.round(height), covered: !each.contains(there), words: each.textContent };
      });
    }).filter(({ height, covered }) => height < 24 || covered),
  );
  assert.deepEqual(small, []);
  assert.equal(await overflow(page), 0);
  // the heads are not there: the order is chosen from a list
  await page.selectOption("#sort", "by-title");
  await page.click(".filters button");
  await page.waitForURL(/sort=by-title/);
  assert.equal(await page.inputValue("#sort"), "by-title");
  await page.context().close();
});

test("figures stand in one row and pictures in sight on the overview", async () => {
  const page = await demoPage(browser, portal, "reviewer");
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto("/staff");
  const tops = await page.locator(".tally > li").evaluateAll((all) => all.map((each) => Math.round(each.getBoundingClientRect().top)));
  assert.ok(tops.length >= 4 && new Set(tops).size === 1, tops.join(" "));
  const charts = await page.locator("figure.columns svg[role=img]").evaluateAll((all) => all.map((each) => each.getBoundingClientRect().bottom));
  assert.equal(charts.length, 2);
  assert.ok(charts.every((bottom) => bottom <= 800), charts.join(" "));
  await page.context().close();
});

test("explanations are behind a question mark, by mouse and by keyboard", async () => {
  const page = await demoPage(browser, portal, "reviewer");
  await page.goto("/staff/review");
  const words = page.locator(".why:not(.keys) > div");
  assert.ok(!(await words.isVisible()));
  await page.focus(".why:not(.keys) > summary");
  await page.keyboard.press("Enter");
  assert.ok(await words.isVisible());
  assert.match(await words.innerText(), /near deadline is at the top/);
  await page.click(".why:not(.keys) > summary");
  assert.ok(!(await words.isVisible()));
  await page.context().close();
});

test("who wants more room gets it on every list, with the explanations in place", async () => {
  const page = await demoPage(browser, portal, "reviewer");
  await page.goto("/account");
  await page.check("[name=density][value=comfortable]");
  await page.click("form[action='/account/lists'] button");
  await page.locator(".notice[role=status]").waitFor();
  await page.setViewportSize({ width: 1280, height: 800 });
  for (const path of LISTS.slice(0, 3)) {
    await page.goto(path);
    const { heights } = await rows(page);
    assert.ok(Math.max(...heights) >= 60, `${path}: ${heights.join(" ")}`);
    assert.equal(await overflow(page), 0, path);
  }
  await page.goto("/staff/at-risk");
  assert.ok(await page.locator(".why:not(.keys) > div").isVisible());
  // a report stands beside this list, so its explanations are folded
  await page.goto("/staff/review");
  assert.ok(!(await page.locator(".why:not(.keys) > div").isVisible()));
  await page.goto("/account");
  await page.check("[name=density][value=dense]");
  await page.click("form[action='/account/lists'] button");
  await page.locator(".notice[role=status]").waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
