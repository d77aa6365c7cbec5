// The desk of a reviewer: nothing of what is sent is hidden, everything goes by keys, also after a click into a document, and what was
// just decided is undone.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { addAccount, day, fillIn, pdf, signedIn } from "./people.mjs";
import { overflow } from "./portal.mjs";
import { browser, portal, stage } from "./stage.mjs";

const HOLDER = "holder@example.org";
const REVIEWER = "reviewer@example.org";
const MANY = 60;

stage({
  env: { CPE_PORTAL_UNDO_SECONDS: "60" },
  prepare: async (run, _, bring) => {
    await bring(["email,name,certification,certificate_number,granted_on", `${HOLDER},Hanna Holder,ISP,ISP-1,${day(-200)}`], "holders");
    const report = (n) => `${HOLDER},attending,Course ${String(n).padStart(2, "0")},Organiser,information_security,,${day(-2 * n - 1)},1,,submitted`;
    await bring(
      ["email,category,title,organiser,field,started_on,completed_on,quantity,publication,status", ...Array.from({ length: MANY }, (_, n) => report(n))],
      "activities",
    );
    await addAccount(run, "holder", HOLDER, "Hanna Holder");
    await addAccount(run, "reviewer", REVIEWER, "Rita Reviewer");
  },
});

const heading = (page) => page.innerText("h1");
const said = (page) => page.innerText(".notice[role=status]");
const focused = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.tagName);

/** What of a verdict is not to be seen: out of the window, under something else, or scrolled away inside of itself. */
const hidden = (page) =>
  page.evaluate(() => {
    const parts = [...document.querySelectorAll(".verdict .outcomes, .verdict [name=decision], #quantity, #reason_code, #reason, #decide")];
    return parts.filter((each) => each.getClientRects().length > 0).flatMap((each) => {
      const { top, bottom, left, right } = each.getBoundingClientRect();
      const x = (left + right) / 2;
      const covered = [top + 3, (top + bottom) / 2, bottom - 3].some((y) => {
        const there = document.elementFromPoint(x, y);
        return !there || !(each.contains(there) || there.contains(each) || there.closest(".choice")?.contains(each));
      });
      const cut = each.scrollHeight > each.clientHeight + 1 && each.matches("textarea");
      return top < 0 || bottom > innerHeight || covered || cut ? [`${each.id || each.className}: ${top} to ${bottom}, covered ${covered}, cut ${cut}`] : [];
    });
  });

/** Opens the first report on its own page: by Enter, as a click reads it beside the list where there is room. */
async function firstReport(page) {
  await page.goto("/staff/review");
  await page.locator("main tbody th a").first().press("Enter");
  await page.waitForURL(/\/staff\/activities\/\d+$/);
  await page.locator("#decide").waitFor();
  await page.waitForLoadState("load");
}

describe("nothing of what is sent is hidden", () => {
  for (const viewport of [{ width: 1280, height: 800 }, { width: 1100, height: 900 }, { width: 1920, height: 1080 }]) {
    test(`at ${viewport.width} × ${viewport.height}, whatever is chosen by keys, with every reason's words`, async () => {
      const page = await signedIn(browser, portal, REVIEWER);
      await page.setViewportSize(viewport);
      await firstReport(page);
      assert.match(await page.innerText(".outcomes"), /^Gives 1, needs \d+ → \d+ to go(, or \S+ with the others that wait)?$/);
      const reasons = (await page.locator("#reason_code option").count()) - 1;
      assert.ok(reasons >= 8);
      await page.keyboard.press("a");
      assert.deepEqual(await hidden(page), [], "approve");
      for (const verdict of ["r", "e"]) {
        await page.keyboard.press(verdict);
        assert.deepEqual(await hidden(page), [], verdict);
        for (let reason = 1; reason <= reasons; reason += 1) {
          await page.keyboard.press(String(reason));
          assert.equal(await page.locator("#reason_code").evaluate((list) => list.selectedIndex), reason);
          assert.equal(await focused(page), "decide");
          assert.deepEqual(await hidden(page), [], `${verdict} ${reason}`);
          await page.focus("main");
        }
      }
      assert.equal(await overflow(page), 0);
      assert.deepEqual(page.faults, []);
      await page.context().close();
    });
  }

  test("words of one's own grow with what is typed", async () => {
    const page = await signedIn(browser, portal, REVIEWER);
    await page.setViewportSize({ width: 1280, height: 800 });
    await firstReport(page);
    await page.check("#decision-return");
    const before = (await page.locator("#reason").boundingBox()).height;
    await page.fill("#reason", "A line of words that somebody typed here. ".repeat(12));
    const after = (await page.locator("#reason").boundingBox()).height;
    assert.ok(after > before + 60, `${before}, then ${after}`);
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "decide");
    assert.deepEqual(await hidden(page), []);
    await page.context().close();
  });
});

describe("by keys", () => {
  test("the queue: up and down, ticking, opening, finding, and back to it", async () => {
    const page = await signedIn(browser, portal, REVIEWER);
    await page.goto("/staff/review", { waitUntil: "load" });
    const titles = await page.locator("main tbody th a").allInnerTexts();
    const at = () => page.evaluate(() => document.activeElement.textContent);
    await page.keyboard.press("j");
    assert.equal(await at(), titles[0]);
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.keyboard.press("k");
    assert.equal(await at(), titles[1]);
    assert.equal(await page.innerText("[data-count]"), "2 ticked.");
    await page.keyboard.press("/");
    assert.equal(await focused(page), "find");
    await page.keyboard.type("x j");
    assert.equal(await page.inputValue("#find"), "x j", "letters in a field are letters");
    await page.focus("main tbody tr:nth-child(2) th a");
    await page.keyboard.press("Enter");
    await page.locator("#decide").waitFor();
    assert.equal(await heading(page), titles[1]);
    await page.waitForLoadState("load");
    await page.keyboard.press("?");
    assert.ok(await page.locator("details.keys[open]").isVisible());
    await page.keyboard.press("g");
    await page.keyboard.press("q");
    await page.waitForURL(/\/staff\/review$/);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });

  test("they go on working after a click into a PDF, and whoever goes on by Tab is not thrown back", async () => {
    const holder = await signedIn(browser, portal, HOLDER);
    await holder.goto("/activities/new");
    await fillIn(holder, {
      category: "attending", title: "With a document", organiser: "Somebody", field: "information_security", completed_on: day(-1), hours: "3", not_regular_job: true, evidence: [pdf("Here")],
    });
    await holder.locator("[data-done], .uploads li:not(.stopped)").first().waitFor().catch(() => {});
    await holder.click("button[value=submit]");
    await holder.waitForURL(/\/activities\/\d+\/receipt$/);
    await holder.context().close();

    for (const open of [(link) => link.press("Enter"), (link) => link.click()]) {
      const page = await signedIn(browser, portal, REVIEWER);
      await page.goto("/staff/review?sort=-by-completion");
      await open(page.locator("main tbody th a", { hasText: "With a document" }));
      await page.locator("iframe.viewer").waitFor();
      await page.waitForLoadState("load");
      await page.waitForTimeout(500);
      await page.locator("iframe.viewer").evaluate((viewer) => viewer.scrollIntoView({ block: "center" }));
      const { x, y, width, height } = await page.locator("iframe.viewer").boundingBox();
      // the browser's own viewer takes a moment before it takes a click at all
      let clicks = 0;
      do {
        await page.mouse.click(x + width / 2, y + height / 2);
        await page.waitForTimeout(500);
        clicks += 1;
      } while ((await focused(page)) !== "main" && clicks < 15);
      assert.equal(await focused(page), "main", `after ${clicks} clicks`);
      await page.keyboard.press("r");
      assert.ok(await page.isChecked("#decision-return"));
      await page.keyboard.press("1");
      assert.equal(await focused(page), "decide");
      await page.focus(".proof .files a");
      await page.keyboard.press("Tab");
      await page.waitForTimeout(300);
      assert.notEqual(await focused(page), "main", "who goes on by Tab is not thrown back");
      await page.context().close();
    }
  });

  test("a verdict is undone with u, and its holder hears of the last one alone", async () => {
    const page = await signedIn(browser, portal, REVIEWER);
    await firstReport(page);
    const title = await heading(page);
    const next = async (...keys) => {
      for (const key of keys.slice(0, -1)) await page.keyboard.press(key);
      await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.keyboard.press(keys.at(-1))]);
    };
    await next("e", "3", "Enter");
    assert.match(await said(page), new RegExp(`^Rejected “${title}”\\.`));
    assert.notEqual(await heading(page), title);
    await next("u");
    assert.match(await said(page), /^Undone\./);
    assert.equal(await heading(page), title);
    await page.context().close();
  });

  test(`${MANY} reports one after the other, two keys each`, async () => {
    const page = await signedIn(browser, portal, REVIEWER);
    await firstReport(page);
    let waited = 0;
    for (let n = 0; n < MANY; n += 1) {
      await page.keyboard.press("a");
      assert.equal(await focused(page), "decide");
      const began = Date.now();
      await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.keyboard.press("Enter")]);
      waited += Date.now() - began;
      assert.match(await said(page), /^Approved “/);
    }
    console.log(`# ${MANY} reports: ${waited} ms of waiting`);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
});
