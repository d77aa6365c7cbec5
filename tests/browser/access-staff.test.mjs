// The pages of staff and administration as axe-core judges them, in an empty portal, in one full of life, and refused: every width,
// light and dark, and enlarged four times.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { judged } from "./judge.mjs";
import { addAccount, fillIn, signedIn } from "./people.mjs";
import { startBrowser, startPortal } from "./portal.mjs";
import { demoPage, places } from "./walk.mjs";

const ADMINISTRATOR = "administrator@example.org";

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

async function judgeAll(t, page, starts, options) {
  const all = await places(page, starts, { ...options, wanted: ofStaff });
  for (const path of all) {
    await t.test(path, async () => {
      await page.goto(path);
      await judged(page, path);
    });
  }
  return all;
}

describe("the pages of staff and administration can be used by everybody", () => {
  test("in an empty portal", async (t) => {
    const page = await signedIn(browser, empty, ADMINISTRATOR);
    const all = await judgeAll(t, page, ["/staff", "/staff/corrections", "/staff/search", "/admin/held-flags"], {});
    assert.ok(all.length > 25, all.join(" "));
    await page.context().close();
  });

  test("in a portal full of life", async (t) => {
    const page = await demoPage(browser, full, "administrator");
    const several = { "/staff/activities/…": 4, "/staff/certificates/…": 4 };
    const all = await judgeAll(t, page, ["/staff", "/staff/review?show=returned", "/staff/search?q=an"], { several });
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
  // what is folded away, such as a note for staff, is not the page's main form
  const button = page.locator("main form[method=post][novalidate] .actions button:visible, main form[enctype] .actions button:visible").first();
  const [answer] = await Promise.all([page.waitForNavigation(), button.click()]);
  assert.equal(answer.status(), 422, path);
  await page.locator(".error-summary").waitFor();
  assert.match(await page.title(), /^Error: /, path);
  await judged(page, `${path}, refused`);
}
