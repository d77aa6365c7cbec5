// The desk of a reviewer: the verdict stays in sight, what will be sent is said before, lists keep their button at hand, and pages
// stand on one edge.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { overflow, startBrowser, startPortal } from "./portal.mjs";
import { demoPage } from "./walk.mjs";

let portal;
let browser;

before(async () => {
  browser = await startBrowser();
  portal = await startPortal({ command: ["demo"] });
});

after(async () => {
  await browser?.close();
  await portal?.stop();
});

/** Whether somebody sees the whole of an element, and could click it: nothing lies over its middle. */
const inSight = (page, selector) =>
  page.locator(selector).evaluate((element) => {
    const { top, bottom, left, right } = element.getBoundingClientRect();
    const there = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    return top >= 0 && bottom <= innerHeight && element.contains(there);
  });

async function firstReport(page) {
  await page.goto("/staff/review");
  await page.locator("main tbody th a").first().press("Enter");
  await page.waitForURL(/\/staff\/activities\/\d+$/);
  await page.locator("#decide").waitFor();
}

test("the verdict's button is in sight from the first moment on, whatever is chosen and wherever one reads", async () => {
  const page = await demoPage(browser, portal, "reviewer");
  for (const viewport of [{ width: 1280, height: 900 }, { width: 1280, height: 720 }, { width: 1100, height: 900 }, { width: 1920, height: 1080 }]) {
    await page.setViewportSize(viewport);
    await firstReport(page);
    const about = `${viewport.width} × ${viewport.height}`;
    assert.ok(await inSight(page, "#decide"), `${about}, at first`);
    for (const [key, words] of [["a", "Approve"], ["r", "Return with these words"], ["e", "Reject with these words"]]) {
      await page.focus("main");
      await page.keyboard.press(key);
      assert.equal(await page.innerText("#decide"), words);
      assert.ok(await inSight(page, "#decide"), `${about}, ${words}`);
    }
    await page.selectOption("#reason_code", "duplicate");
    assert.ok(await inSight(page, "#decide"), `${about}, with words`);
    await page.locator("summary", { hasText: "Prepared words" }).click();
    assert.ok(await inSight(page, "#decide"), `${about}, with the prepared words open`);
    await page.evaluate(() => scrollTo(0, document.querySelector(".proof").getBoundingClientRect().bottom - innerHeight));
    assert.ok(await inSight(page, "#decide"), `${about}, beside the end of the evidence`);
    assert.equal(await overflow(page), 0);
  }
  await page.context().close();
});

test("what prepared words do is said, and words of one's own are never lost", async () => {
  const page = await demoPage(browser, portal, "reviewer");
  await firstReport(page);
  await page.locator("summary", { hasText: "Prepared words" }).click();
  await page.click("a:has-text('Reject with these words: It is part of the regular job')");
  assert.ok(await page.isChecked("#decision-reject"));
  assert.equal(await page.inputValue("#reason_code"), "regular_job");
  assert.match(await page.innerText("[data-announce]"), /^Reject is chosen, with the reason: It is part of the regular job\./);
  assert.match(await page.innerText("[data-prepared-note]"), /prepared words/);
  const rejecting = await page.inputValue("#reason");
  assert.match(rejecting, /does not count/);

  // the words follow the verdict as long as nobody has touched them
  await page.check("#decision-return");
  const returning = await page.inputValue("#reason");
  assert.notEqual(returning, rejecting);
  assert.match(returning, /please tell us/);
  await page.check("#decision");
  assert.equal(await page.inputValue("#reason"), "", "an approval needs none");

  await page.fill("#reason", "In my own words.");
  assert.equal(await page.innerText("[data-prepared-note]"), "");
  await page.click("a:has-text('Return with these words: The dates do not match')");
  assert.match(await page.inputValue("#reason"), /^In my own words\.\n\nThe dates you reported/);
  await page.check("#decision-reject");
  assert.match(await page.inputValue("#reason"), /^In my own words\./, "what was typed is not replaced");

  await page.focus("#reason");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Control+Enter")]);
  assert.match(await page.innerText(".notice[role=status]"), /^Rejected “/);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("long lists keep their button at hand and count what is ticked", async () => {
  const page = await demoPage(browser, portal, "reviewer");
  for (const [path, name] of [["/staff/review", "report"], ["/staff/at-risk", "year"]]) {
    await page.setViewportSize({ width: 1280, height: 600 });
    await page.goto(path);
    const boxes = page.locator(`tbody input[name=${name}]`);
    assert.ok(await page.evaluate(() => document.documentElement.scrollHeight > innerHeight + 100), `${path} is longer than the window`);
    assert.ok(await inSight(page, ".bulk button"), path);
    await page.evaluate(() => scrollTo(0, 300));
    assert.ok(await inSight(page, ".bulk button"), `${path}, further down`);
    const said = () => page.innerText("[data-count]");
    assert.equal(await said(), "None ticked yet.");
    await boxes.nth(0).check();
    await boxes.nth(2).check();
    assert.equal(await said(), "2 ticked.");
    await page.check("[data-check-all]");
    assert.equal(await said(), `${await boxes.count()} ticked.`);
    await page.uncheck("[data-check-all]");
    assert.equal(await said(), "None ticked yet.");
    await page.setViewportSize({ width: 390, height: 844 });
    await boxes.nth(1).check();
    assert.ok(await inSight(page, ".bulk button"), `${path} on a phone`);
    // what has the focus is never under the bar
    for (let presses = 0; presses < 12; presses += 1) await page.keyboard.press("Tab");
    const hidden = await page.evaluate(() => {
      const [now, bar] = [document.activeElement, document.querySelector(".bulk")].map((each) => each.getBoundingClientRect());
      return !document.activeElement.closest(".bulk") && now.bottom > bar.top && now.top < bar.bottom;
    });
    assert.ok(!hidden, `${path}: the focus is in sight`);
  }
  await page.context().close();
});

test("the pages of staff and administration stand on one edge, so that nothing jumps from one to the next", async () => {
  const page = await demoPage(browser, portal, "administrator");
  for (const width of [1280, 1920]) {
    await page.setViewportSize({ width, height: 900 });
    const edges = new Set();
    for (const path of ["/staff", "/staff/review", "/staff/holders", "/staff/corrections", "/staff/holders/new", "/admin/accounts", "/admin/setup", "/admin/jobs"]) {
      await page.goto(path);
      edges.add(await page.evaluate(() => [".body-name", "main h1", ".bottom-row"].map((each) => {
        const element = document.querySelector(each);
        return Math.round(element.getBoundingClientRect().left + parseFloat(getComputedStyle(element).paddingLeft));
      }).join(" ")));
    }
    assert.equal(edges.size, 1, `${width}: ${[...edges].join(" | ")}`);
  }
  await page.context().close();
});
