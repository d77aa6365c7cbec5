// Reviewing as staff do it: by keys alone, and the same without script.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { addAccount, day, fillIn, signedIn } from "./people.mjs";
import { overflow, startBrowser, startPortal } from "./portal.mjs";

const HOLDER = "holder@example.org";
const REVIEWER = "reviewer@example.org";
const REPORTS = ["Course one", "Course two", "Course three", "Course four", "Course five"];

const PDF = Buffer.from(
  "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
);

let portal;
let browser;

before(async () => {
  browser = await startBrowser();
  portal = await startPortal({
    prepare: async (run, data) => {
      const file = join(data, "import.csv");
      const bring = async (rows, what) => {
        await writeFile(file, [...rows, ""].join("\n"));
        const { code, stdout, stderr } = await run(["import", what, file]);
        assert.equal(code, 0, stdout + stderr);
      };
      await bring(["email,name,certification,certificate_number,granted_on", `${HOLDER},Hanna Holder,ISP,ISP-1,${day(-60)}`], "holders");
      await bring(
        [
          "email,category,title,organiser,field,started_on,completed_on,quantity,publication,status",
          ...REPORTS.map((title, n) => `${HOLDER},attending,${title},Organiser,information_security,,${day(-20 + n)},2,,submitted`),
        ],
        "activities",
      );
      await addAccount(run, "holder", HOLDER, "Hanna Holder");
      await addAccount(run, "reviewer", REVIEWER, "Rita Reviewer");
    },
  });
});

after(async () => {
  await browser?.close();
  await portal?.stop();
});

const heading = (page) => page.innerText("h1");
/** Keys are heard once the script has run, which is before the page counts as loaded. */
const press = async (page, key) => {
  await page.waitForLoadState("load");
  await page.keyboard.press(key);
};
const focused = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.tagName);

describe("a reviewer with a keyboard", () => {
  test("approves, returns, goes on and back, and turns the keys off", async () => {
    const page = await signedIn(browser, portal, REVIEWER);
    await page.goto("/staff/review");
    await page.locator("main tbody th a", { hasText: REPORTS[0] }).press("Enter");
    await page.waitForURL(/\/staff\/activities\/\d+$/);
    await press(page, "a");
    assert.equal(await focused(page), "decide");
    assert.ok(await page.isChecked("[name=decision][value=approve]"));
    assert.match(await page.innerText("[data-announce]"), /Approve is chosen/);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/staff\/activities\/\d+$/);
    await page.locator(".notice[role=status]", { hasText: `Approved “${REPORTS[0]}”, 2 credits.` }).waitFor();
    assert.equal(await heading(page), REPORTS[1]);

    await press(page, "r");
    assert.equal(await focused(page), "decision-return");
    await page.keyboard.press("e");
    assert.ok(await page.isChecked("[name=decision][value=reject]"), "another key is another verdict, not a reason");
    await page.keyboard.press("r");
    await page.focus("#reason_code");
    await page.keyboard.press("a"); // a letter in a field is a letter
    assert.ok(await page.isChecked("[name=decision][value=return]"));
    await page.selectOption("#reason_code", "no_evidence");
    assert.match(await page.inputValue("#reason"), /certificate of attendance/);
    await page.fill("#reason", "In my own words.");
    await page.selectOption("#reason_code", "wrong_date");
    assert.equal(await page.inputValue("#reason"), "In my own words.", "what was typed is not replaced");
    await page.focus("#decide");
    await page.keyboard.press("Enter");
    await page.locator(".notice[role=status]", { hasText: `Returned “${REPORTS[1]}”.` }).waitFor();

    assert.equal(await heading(page), REPORTS[2]);
    await press(page, "n");
    await page.waitForFunction((title) => document.querySelector("h1").innerText === title, REPORTS[3]);
    await press(page, "b");
    await page.waitForFunction((title) => document.querySelector("h1").innerText === title, REPORTS[2]);
    await press(page, "?");
    assert.ok(await page.locator("details.keys[open]").isVisible());
    await page.uncheck("[data-keys-switch]");
    await page.focus("main");
    await page.keyboard.press("e");
    assert.ok(!(await page.isChecked("[name=decision][value=reject]")));
    await page.reload();
    await press(page, "e");
    assert.ok(!(await page.isChecked("[name=decision][value=reject]")), "the choice is kept");
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });

  test("finds a holder while typing, with the arrow keys", async () => {
    const page = await signedIn(browser, portal, REVIEWER);
    await page.goto("/staff/review");
    await page.focus("#find");
    await page.keyboard.type("hann");
    await page.locator(".found a").first().waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/staff\/holders\/\d+$/);
    assert.equal(await heading(page), "Hanna Holder");
    await page.focus("#find");
    await page.keyboard.type("course thr");
    await page.locator(".found a", { hasText: REPORTS[2] }).waitFor();
    await page.keyboard.press("Escape");
    assert.ok(!(await page.locator(".found").isVisible()));
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/staff\/search\?q=/);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
});

describe("a reviewer without script", () => {
  test("sees the evidence in place, uses prepared words and decides", async () => {
    const holder = await signedIn(browser, portal, HOLDER);
    await holder.goto("/activities/new");
    await fillIn(holder, {
      category: "attending", title: "With a proof", organiser: "Somebody", field: "information_security", completed_on: day(-1), hours: "3", not_regular_job: true,
      evidence: [{ name: "proof.pdf", mimeType: "application/pdf", buffer: PDF }],
    });
    await holder.click("button[value=submit]");
    await holder.waitForURL(/\/activities\/\d+\/receipt$/);
    await holder.context().close();

    const page = await signedIn(browser, portal, REVIEWER, { javaScript: false });
    await page.goto("/staff/review");
    await page.click('main a:has-text("With a proof")');
    const address = await page.getAttribute("iframe.viewer", "src");
    const answer = await page.context().request.get(address);
    assert.match(answer.headers()["content-security-policy"], /^sandbox;/);
    await page.waitForTimeout(500);
    assert.ok(page.frames().some((frame) => frame.url().includes("/view")), "the frame is loaded");
    await page.click("details:has-text('Prepared words') > summary");
    await page.click("a:has-text('Return with these words: The dates do not match')");
    assert.ok(await page.isChecked("#decision-return"));
    assert.match(await page.inputValue("#reason"), /check the day/);
    assert.equal(await overflow(page), 0);
    await page.click("main button:has-text('Decide')");
    await page.locator(".notice[role=status]", { hasText: "Returned “With a proof”." }).waitFor();
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
});
