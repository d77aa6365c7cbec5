// A holder of seven certificates with 404 reports: no page grows with them beyond what a phone shows.

import assert from "node:assert/strict";
import { test } from "node:test";
import { addAccount, day, signedIn } from "./people.mjs";
import { browser, portal, stage } from "./stage.mjs";

const HOLDER = "many@example.org";
const CERTIFICATIONS = ["ISP", "ITSP", "CISO", "CDPO", "BCP", "EHP", "ISF"];
const REPORTS = 404;
/** The screen of a phone, and how many of them a page may have. */
const PHONE = 844;
const SCREENS = 6;
/** Most bytes of a page. */
const LARGEST = 60_000;

stage({
  prepare: async (run, _, bring) => {
    // most of them are some years old already
    const granted = CERTIFICATIONS.map((code, index) => `${HOLDER},Meri Many,${code},${code}-1,${day(-340 - 365 * index + 20 * index)}`);
    await bring(["email,name,certification,certificate_number,granted_on", ...granted], "holders");
    const report = (number) => {
      const on = day(-(number % 150) - 1);
      return `${HOLDER},attending,Evening lecture number ${number} of the series,Chapter of security people,information_security,${on},${on},${1 + (number % 3)}:00,,${number % 9 ? "approved" : "submitted"}`;
    };
    await bring(["email,category,title,organiser,field,started_on,completed_on,quantity,publication,status", ...Array.from({ length: REPORTS }, (_, number) => report(number))], "activities");
    await addAccount(run, "holder", HOLDER, "Meri Many");
  },
});

test("no page of a holder of 404 reports is longer than six screens of a phone or 60 kB", async (t) => {
  const page = await signedIn(browser, portal, HOLDER, { width: "narrow" });
  await page.goto("/activities?page=9");
  assert.match(await page.innerText("main"), new RegExp(`${REPORTS} in all`));
  await page.goto("/dashboard");
  const certificate = await page.locator(".holdings > li a[href^='/certificates/']").first().getAttribute("href");
  for (const path of ["/dashboard", "/activities", "/activities?page=2", certificate, "/transcript", `/transcript?year=${certificate.split("/")[2]}-all`]) {
    const answer = await page.goto(path);
    const bytes = (await answer.body()).length;
    const high = await page.evaluate(() => document.documentElement.scrollHeight);
    t.diagnostic(`${path}: ${high} pixels, ${bytes} bytes`);
    assert.ok(high < SCREENS * PHONE, `${path} is ${high} pixels high`);
    assert.ok(bytes < LARGEST, `${path} has ${bytes} bytes`);
  }
  await page.context().close();
});

test("whatever is left out on these pages is one link away, and a transcript can be printed whole", async () => {
  const page = await signedIn(browser, portal, HOLDER, { width: "wide" });
  await page.goto("/transcript");
  await page.getByRole("link", { name: `List all ${REPORTS}, to print them` }).click();
  await page.waitForURL(/whole=1/);
  assert.equal(await page.locator("tfoot").count(), 1);
  assert.equal(await page.locator("tbody tr:has(th a[href^='/activities/'])").count(), REPORTS);
  await page.goto("/dashboard");
  await page.goto(await page.locator(".holdings > li a[href^='/certificates/']").first().getAttribute("href"));
  assert.equal(await page.locator("details.counted:has(ol.steps)").count(), 10);
  await page.getByRole("link", { name: /^and \d+ earlier$/ }).first().click();
  await page.waitForURL(/\/activities\?year=\d+-\d+$/);
  assert.match(await page.innerText("main"), /\d+ in all/);
  await page.context().close();
});
