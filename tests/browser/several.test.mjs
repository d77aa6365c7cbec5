// A holder of seven certificates: what covers all of them, then a row each, on one screen of a phone.

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { addAccount, day, signedIn } from "./people.mjs";
import { browser, portal, stage } from "./stage.mjs";

const HOLDER = "seven@example.org";
const CERTIFICATIONS = ["ISP", "ITSP", "CISO", "CDPO", "BCP", "EHP", "ISF"];
/** The screen of a phone, in pixels. */
const PHONE = 844;

stage({
  prepare: async (run, _, bring) => {
    const granted = CERTIFICATIONS.map((code, index) => `${HOLDER},Sevi Seven,${code},${code}-1,${day(-300 + 20 * index)}`);
    await bring(["email,name,certification,certificate_number,granted_on", ...granted], "holders");
    await addAccount(run, "holder", HOLDER, "Sevi Seven");
  },
});

describe("seven certificates", () => {
  test("fit one screen of a phone, below the sentence that covers all of them", async () => {
    const page = await signedIn(browser, portal, HOLDER, { width: "narrow" });
    assert.match(await page.innerText(".combined"), /^\w+ conference days by \d+ \w+ \d+( and \w+ more by \d+ \w+ \d+)* would cover all your certificates\./);
    assert.equal(await page.locator(".holdings > li").count(), CERTIFICATIONS.length);
    const list = await page.locator(".holdings").boundingBox();
    assert.ok(list.height <= PHONE, `the rows are ${list.height} pixels high`);
    const whole = await page.evaluate(() => document.documentElement.scrollHeight);
    assert.ok(whole <= 2 * PHONE, `the page is ${whole} pixels high`);
    await page.context().close();
  });

  test("open by keyboard, and without a script", async () => {
    const page = await signedIn(browser, portal, HOLDER, { javaScript: false });
    const first = page.locator(".holdings > li").first();
    assert.equal(await first.locator(".holding-words").isVisible(), false);
    await first.locator("summary").focus();
    await page.keyboard.press("Enter");
    assert.equal(await first.locator(".holding-words").isVisible(), true);
    await first.locator(".holding-words a").last().click();
    await page.waitForURL(/\/certificates\/\d+$/);
    await page.context().close();
  });
});

describe("spacing", () => {
  /** Where the first line of the words in an element begins, in pixels. */
  const top = (locator) =>
    locator.evaluate((element) => {
      const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT, (node) => (node.data.trim() ? 1 : 3));
      const range = document.createRange();
      range.selectNodeContents(walker.nextNode());
      return range.getClientRects()[0].top;
    });

  test("a linked cell stands on the line of its row, and no button touches its neighbour", async () => {
    const page = await signedIn(browser, portal, HOLDER, { width: "wide" });
    await page.goto("/transcript");
    const row = page.locator("tbody tr").first();
    const [link, cell] = [await top(row.locator("th")), await top(row.locator("td").first())];
    assert.ok(Math.abs(link - cell) <= 1, `the link begins at ${link}, its neighbour at ${cell}`);
    await page.goto("/dashboard");
    await page.locator(".holdings summary").first().click();
    await page.locator(".holdings > li").first().locator(".holding-words a").last().click();
    const [first, second] = await page.locator("dd a[href^='/badges/'], dd a[href='#badge']").all();
    assert.ok(Math.abs((await top(first)) - (await top(second))) <= 1, "links of one line stand at one height");
    const [input, copy] = [await page.locator("#badge-address").boundingBox(), await page.locator("[data-copy]").first().boundingBox()];
    assert.ok(copy.y - (input.y + input.height) >= 8, "the button keeps its distance");
    await page.context().close();
  });

  test("pages of one person begin at one left edge, however wide the window is", async () => {
    const page = await signedIn(browser, portal, HOLDER, { width: "wide" });
    await page.setViewportSize({ width: 1920, height: 1080 });
    const edges = new Set();
    for (const path of ["/dashboard", "/activities", "/activities/new", "/advice/new", "/account"]) {
      await page.goto(path);
      edges.add(Math.round((await page.locator("main h1").boundingBox()).x));
    }
    assert.equal(edges.size, 1, [...edges].join(", "));
    await page.context().close();
  });
});
