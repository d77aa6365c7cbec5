// Work among colleagues: a report is given, found by whoever it was given to, noted about, and left to others by whoever knows its holder.
// At both widths, with and without script.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { judged } from "./judge.mjs";
import { addAccount, day, signedIn } from "./people.mjs";
import { overflow } from "./portal.mjs";
import { browser, portal, stage } from "./stage.mjs";

const RITA = "rita@example.org";
const MARA = "mara@example.org";

stage({
  prepare: async (run, _, bring) => {
    // a report for each way, and one that nobody knows the holder of
    const people = [0, 1, 2, 3, 4].map((n) => [`holder${n}@example.org`, `Hanna Holder-${n}`]);
    await bring(["email,name,certification,certificate_number,granted_on", ...people.map(([email, name], n) => `${email},${name},ISP,ISP-${n},${day(-60)}`)], "holders");
    await bring(
      [
        "email,category,title,organiser,field,started_on,completed_on,quantity,publication,status",
        ...people.map(([email], n) => `${email},attending,A rather long course on secure software ${n},Organiser,information_security,,${day(-20 + n)},2,,submitted`),
      ],
      "activities",
    );
    await addAccount(run, "reviewer", RITA, "Rita Reviewer");
    await addAccount(run, "reviewer", MARA, "Mara van den Berg-Jong");
  },
});

/** Opens a folded part by its summary, unless it stands open. */
async function unfold(page, id) {
  if (!(await page.locator(`#${id}[open]`).count())) await page.click(`#${id} > summary`);
}

const sent = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);

describe("colleagues", () => {
  [
    { javaScript: true, width: "wide" },
    { javaScript: true, width: "narrow" },
    { javaScript: false, width: "wide" },
    { javaScript: false, width: "narrow" },
  ].forEach((way, number) => {
    test(`give, find, note and know, ${way.width}, ${way.javaScript ? "with" : "without"} script`, async () => {
      const title = `A rather long course on secure software ${number}`;
      const rita = await signedIn(browser, portal, RITA, way);
      await rita.goto("/staff/review");
      // Enter opens a report on its own page; a click reads it beside the list
      await Promise.all([rita.waitForNavigation(), rita.press(`main tbody th a:has-text("${title}")`, "Enter")]);
      await unfold(rita, "give");
      await rita.selectOption("#colleague", { label: "Mara van den Berg-Jong" });
      await rita.fill("#for_colleague", "You know this field better.");
      await sent(rita, "#give button");
      assert.match(await rita.innerText(".notice[role=status], .notice.success"), /Mara van den Berg-Jong has the report now/);
      assert.equal(await overflow(rita), 0);

      const mara = await signedIn(browser, portal, MARA, way);
      await mara.goto("/staff");
      await Promise.all([mara.waitForNavigation(), mara.click("main a:has-text('given to you')")]);
      assert.match(mara.url(), /\/staff\/review\?with=me$/);
      assert.equal(await mara.inputValue("#with"), "me");
      assert.equal(await overflow(mara), 0);
      await Promise.all([mara.waitForNavigation(), mara.press(`main tbody th a:has-text("${title}")`, "Enter")]);
      assert.match(await mara.innerText(".work .notice.info"), /This report is yours[\s\S]*Rita Reviewer gave it[\s\S]*You know this field better\./);

      await mara.fill("#note", "Asked the organiser for the programme.");
      await sent(mara, "#notes > form button");
      const notes = await mara.locator("#notes .typed").allInnerTexts();
      assert.deepEqual(notes, ["Asked the organiser for the programme.", "You know this field better."]);

      await unfold(mara, "acquaintance");
      await mara.fill("#known_reason", "We sat on one board.");
      await mara.check("#known_sure");
      const known = mara.url();
      await sent(mara, "#acquaintance button");
      await mara.goto(known);
      assert.match(await mara.innerText("#verdict"), /You said that you know this holder/);
      assert.equal(await mara.locator("#decide").count(), 0);
      assert.equal(await overflow(mara), 0);
      await mara.goto("/staff/review");
      const row = mara.locator("main tbody tr", { hasText: title });
      assert.match(await row.innerText(), /you know this holder/);
      assert.equal(await row.locator("input[type=checkbox]").count(), 0);
      assert.equal(await overflow(mara), 0);
      for (const page of [rita, mara]) {
        assert.deepEqual(page.faults, []);
        await page.context().close();
      }
    });
  });

  test("can be worked with by everybody: axe at every size, in light and dark", async () => {
    const rita = await signedIn(browser, portal, RITA);
    await rita.goto("/staff/review");
    const report = await rita.locator("main tbody th a").first().getAttribute("href");
    await rita.goto(report);
    await unfold(rita, "give");
    await rita.selectOption("#colleague", { label: "You" });
    await sent(rita, "#give button");
    await unfold(rita, "notes");
    await rita.fill("#note", "x".repeat(4001));
    await sent(rita, "#notes > form button");
    await unfold(rita, "give");
    await unfold(rita, "acquaintance");
    await judged(rita, "a report that is one's own to decide, with a note that is too long");
    const holder = await rita.locator(".work .summary a[href^='/staff/holders/']").getAttribute("href");
    await rita.goto(holder);
    await unfold(rita, "acquaintance");
    await rita.check("#known_sure");
    await sent(rita, "#acquaintance button");
    await unfold(rita, "notes");
    await judged(rita, "a holder whom one knows");
    await rita.goto("/staff/review");
    await judged(rita, "the queue with a report of a holder whom one knows");
    await rita.context().close();
  });

  test("give a report with the keyboard alone", async () => {
    const rita = await signedIn(browser, portal, RITA);
    await rita.goto("/staff/review?with=nobody");
    await Promise.all([rita.waitForNavigation(), rita.press("main a:has-text('secure software 4')", "Enter")]);
    await rita.focus("#give > summary");
    await rita.keyboard.press("Enter");
    await rita.keyboard.press("Tab");
    assert.equal(await rita.evaluate(() => document.activeElement.id), "colleague");
    await rita.keyboard.type("Mara");
    await rita.keyboard.press("Tab");
    assert.equal(await rita.evaluate(() => document.activeElement.id), "for_colleague");
    await rita.keyboard.type("Over to you.");
    await rita.keyboard.press("Tab");
    await Promise.all([rita.waitForNavigation(), rita.keyboard.press("Enter")]);
    assert.match(await rita.innerText(".notice.success"), /has the report now/);
    await rita.context().close();
  });
});
