// The pages of staff and administration as axe-core judges them, in an empty portal, in one full of life, and refused: every width,
// light and dark, and enlarged four times.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { addAccount, fillIn, signedIn } from "./people.mjs";
import { overflow, startBrowser, startPortal } from "./portal.mjs";
import { demoPage, places } from "./walk.mjs";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const ADMINISTRATOR = "administrator@example.org";
// 1280 pixels enlarged four times are 320 wide and 225 high
const SIZES = [{ width: 1280, height: 900 }, { width: 768, height: 1024 }, { width: 390, height: 844 }, { width: 320, height: 225 }];

let empty;
let full;
let browser;

before(async () => {
  browser = await startBrowser();
  [empty, full] = await Promise.all([
    startPortal({ prepare: (run) => addAccount(run, "administrator", ADMINISTRATOR, "Ada Administrator") }),
    startPortal({ command: ["demo"] }),
  ]);
});

after(async () => {
  await browser?.close();
  await Promise.all([empty?.stop(), full?.stop()]);
});

const ofStaff = (kind) => /^\/(staff|admin)(\/|$)/.test(kind);

async function axe(page, about) {
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
  const words = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).slice(0, 3).join(" | ")}`);
  assert.deepEqual(words, [], about);
}

/** Looks at the open page at every size, and lets axe judge it at two of them: `wide` in one colour scheme, a phone in the other. */
async function judged(page, about, wide = "light") {
  for (const viewport of SIZES) {
    await page.setViewportSize(viewport);
    assert.equal(await overflow(page), 0, `${about} scrolls sideways at ${viewport.width} pixels`);
    if (viewport.width === 1280 || viewport.width === 390) {
      const scheme = (viewport.width === 1280) === (wide === "light") ? "light" : "dark";
      await page.emulateMedia({ colorScheme: scheme });
      await axe(page, `${about}, ${viewport.width} pixels, ${scheme}`);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(SIZES[0]);
  assert.deepEqual(page.faults, [], about);
}

async function judgeAll(t, page, starts, options, wide) {
  const all = await places(page, starts, { ...options, wanted: ofStaff });
  for (const path of all) {
    await t.test(path, async () => {
      await page.goto(path);
      await judged(page, path, wide);
    });
  }
  return all;
}

describe("the pages of staff and administration can be used by everybody", () => {
  test("in an empty portal", async (t) => {
    const page = await signedIn(browser, empty, ADMINISTRATOR);
    const all = await judgeAll(t, page, ["/staff", "/staff/corrections", "/staff/search", "/admin/held-flags"], {}, "light");
    assert.ok(all.length > 25, all.join(" "));
    await page.context().close();
  });

  test("in a portal full of life", async (t) => {
    const page = await demoPage(browser, full, "administrator");
    const several = { "/staff/activities/…": 4, "/staff/certificates/…": 4 };
    const all = await judgeAll(t, page, ["/staff", "/staff/review?show=returned", "/staff/search?q=an"], { several }, "dark");
    assert.ok(all.length > 35, all.join(" "));
    await page.context().close();
  });

  test("when what was typed is refused", async (t) => {
    const page = await signedIn(browser, empty, ADMINISTRATOR);
    for (const [path, answers] of [
      ["/staff/holders/new", { email: "no address", granted_on: "never" }],
      ["/staff/canned-answers/new", {}],
      ["/admin/accounts/new", { email: "no address" }],
      ["/admin/certifications/new", {}],
      ["/admin/fields/new", { code: "not a word" }],
      ["/admin/import", {}],
      ["/admin/policies/new", { first_day: "never", rate_reading: "7", stages: "a, b" }],
      ["/staff/prepared-words", { wrong_date: "x".repeat(1001) }],
    ]) {
      await t.test(path, async () => {
        await page.goto(path);
        await fillIn(page, answers);
        await refused(page, path);
      });
    }
    await page.context().close();
  });

  test("when what was typed about somebody is refused", async (t) => {
    const page = await demoPage(browser, full, "administrator");
    const first = async (list, link) => {
      await page.goto(list);
      return page.locator(link).first().getAttribute("href");
    };
    const report = await first("/staff/review", "main tbody th a");
    const holder = await first("/staff/holders", "main tbody th a");
    const talk = await first("/staff/advice", "main tbody th a");
    const year = await first("/staff/at-risk", "main tbody a[href*='/letter?']");
    const flagged = await first("/staff/flagged", "main tbody th a");
    for (const [path, answers] of [
      [report, { decision: "return" }],
      ["/staff/review", {}],
      [`${holder}/certificates`, { granted_on: "never" }],
      [`${holder}/edit`, { name: "", email: "no address" }],
      [`${holder}/advice`, {}],
      [talk, {}],
      [year, { words: "x".repeat(401) }],
      [`${flagged}/extension`, { until: "never" }],
    ]) {
      await t.test(path, async () => {
        await page.goto(path);
        await fillIn(page, answers);
        await refused(page, path);
      });
    }
    await page.context().close();
  });
});

/** Sends the main form of the page, and looks at the answer. */
async function refused(page, path) {
  const button = page.locator("main form[method=post][novalidate] .actions button, main form[enctype] .actions button").first();
  const [answer] = await Promise.all([page.waitForNavigation(), button.click()]);
  assert.equal(answer.status(), 422, path);
  await page.locator(".error-summary").waitFor();
  assert.match(await page.title(), /^Error: /, path);
  await judged(page, `${path}, refused`);
}
