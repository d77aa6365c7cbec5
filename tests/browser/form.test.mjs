// The report form as people use it: the first report by keys alone and how long that takes, drafts that save themselves, a session
// that ends meanwhile, the calendar beside the day.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { addAccount, day, fillIn, longDate, signedIn, toReport } from "./people.mjs";
import { browser, portal, stage } from "./stage.mjs";

// The keystroke-level model (Card, Moran and Newell): what a person who does not touch-type takes for a key, and to think before an answer.
const A_KEY = 0.28;
const A_THOUGHT = 1.35;
/** Reading the page before the first answer, and what it counts before sending it. */
const READING = 15;

const WITH = "with@example.org";
const WITHOUT = "without@example.org";

const STAFF = { "rita@example.org": "Rita Reviewer", "ruth@example.org": "Ruth Reviewer" };

stage({
  prepare: async (run, _, bring) => {
    const rows = [WITH, WITHOUT].map((email, at) => `${email},Nora New,ISP,ISP-${at},${day(-60)}`);
    await bring(["email,name,certification,certificate_number,granted_on", ...rows], "holders");
    for (const email of [WITH, WITHOUT]) await addAccount(run, "holder", email, "Nora New");
    for (const [email, name] of Object.entries(STAFF)) await addAccount(run, "reviewer", email, name);
  },
});

/** Hands on a keyboard, that count what they do. */
function hands(page) {
  const done = { keys: 0, answers: 0 };
  const press = async (key) => {
    done.keys += 1;
    await page.keyboard.press(key);
  };
  /** Goes on to a field with the tabulator, as often as it takes. */
  const to = async (selector) => {
    for (let steps = 0; steps < 40; steps += 1) {
      if ((await page.locator(`${selector}:focus`).count()) > 0) return;
      await press("Tab");
    }
    throw new Error(`${selector} cannot be reached with the tabulator`);
  };
  const answer = async (selector, text) => {
    await to(selector);
    done.answers += 1;
    done.keys += text.length;
    await page.keyboard.type(text);
  };
  return { done, press, to, answer, seconds: () => READING + done.keys * A_KEY + done.answers * A_THOUGHT };
}

for (const [mode, javaScript, email] of [["with", true, WITH], ["without", false, WITHOUT]]) {
  test(`a new holder's first report, by keys alone and ${mode} JavaScript, takes a person less than 90 seconds`, async (t) => {
    const page = await signedIn(browser, portal, email, { javaScript, width: "narrow" });
    await page.goto("/dashboard");
    const { done, press, to, answer, seconds } = hands(page);
    await to('main a[href="/activities/new"]');
    await press("Enter");
    await page.waitForURL("**/activities/new");
    await answer("[name=category]", " ");
    await answer("[name=title]", "Webinar on passkeys");
    await answer("[name=completed_on]", "yesterday");
    await answer("[name=hours]", "1:30");
    await answer("[name=not_regular_job]", " ");
    if (javaScript) await page.locator("#preview", { hasText: "1.50 credits" }).waitFor();
    await to("button[value=submit]");
    await press("Enter");
    await page.waitForURL(/\/activities\/\d+\/receipt$/);
    assert.match(await page.innerText("main"), /Your report has been sent/);
    await toReport(page);
    assert.match(await page.innerText("main"), new RegExp(longDate(day(-1))));
    assert.match(await page.innerText("main"), /Information security/);
    assert.equal(done.answers, 5, "five answers are all that a report needs; the field is proposed");
    t.diagnostic(`${done.keys} keys, ${done.answers} answers: ${seconds().toFixed(0)} seconds`);
    assert.ok(seconds() < 90, `${done.keys} keys and ${done.answers} answers take ${seconds().toFixed(0)} seconds`);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });

  test(`what was typed when the session ended is there again after signing in, ${mode} JavaScript`, async () => {
    const page = await signedIn(browser, portal, email, { javaScript });
    await page.goto("/activities/new");
    await fillIn(page, { category: "attending", title: "“Typed” before <it> ended", field: "it_security", completed_on: "yesterday", hours: "2", not_regular_job: true });
    const elsewhere = await signedIn(browser, portal, email);
    await elsewhere.goto("/account");
    await elsewhere.getByRole("button", { name: "Sign out everywhere else" }).click();
    await elsewhere.getByText("You are signed out everywhere else.").waitFor();
    await elsewhere.context().close();
    await page.click("button[value=submit]");
    await page.waitForURL("**/sign-in?**");
    assert.match(await page.innerText("main"), /What you typed is kept/);
    await fillIn(page, { email, password: "copper kettle over nine harbours" });
    await page.click("main button:not(.quiet)");
    await page.waitForURL(/parked=/);
    assert.equal(await page.inputValue("[name=title]"), "“Typed” before <it> ended");
    assert.equal(await page.inputValue("[name=completed_on]"), "yesterday");
    assert.equal(await page.inputValue("[name=field]"), "it_security");
    assert.ok(await page.isChecked("[name=category][value=attending]"));
    assert.ok(await page.isChecked("[name=not_regular_job]"));
    await page.click("button[value=submit]");
    await page.waitForURL(/\/activities\/\d+\/receipt$/);
    assert.match(await page.innerText("main"), /Your report has been sent/);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}

describe("with JavaScript", { concurrency: false }, () => {
  test("the error summary ticks off what is mended, moves nothing, and goes on when all is", async () => {
    const page = await signedIn(browser, portal, WITH);
    await page.goto("/activities/new");
    await fillIn(page, { category: "attending", title: "A day of talks", completed_on: "someday" });
    await page.click("button[value=submit]");
    const lines = page.locator(".error-summary li");
    await lines.first().waitFor();
    const [many, height] = [await lines.count(), (await page.locator(".error-summary").boundingBox()).height];
    assert.ok(many >= 3, await page.innerText(".error-summary"));
    const title = page.locator("#error-summary-title");
    assert.equal(await title.innerText(), `${many} answers need another look`);
    const struck = page.locator(".error-summary .mended");
    await page.fill("[name=completed_on]", "yesterday");
    assert.deepEqual([await struck.count(), await title.innerText()], [1, `${many - 1} answers need another look`]);
    await page.fill("[name=completed_on]", "someday");
    assert.equal(await struck.count(), 0, "what is as it was is not mended");
    await fillIn(page, { completed_on: "yesterday", hours: "2", not_regular_job: true });
    assert.equal(await struck.count(), many, await page.innerText(".error-summary"));
    assert.equal(await title.innerText(), "Changed: send it again");
    assert.ok(!(await page.title()).startsWith("Error"));
    assert.equal((await page.locator(".error-summary").boundingBox()).height, height);
    await page.click("button[value=submit]");
    await page.waitForURL(/\/activities\/\d+\/receipt$/);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });

  test("a draft saves itself once there is something to keep, and is there after the tab was closed", async () => {
    const page = await signedIn(browser, portal, WITH);
    await page.goto("/activities/new");
    const said = page.locator("[data-saved]");
    await page.check("[name=category][value=reading]");
    const asked = page.waitForResponse("**/activities/drafts");
    await asked;
    assert.equal((await said.innerText()).trim(), "", "a tick alone is nothing to keep");
    await page.fill("[name=title]", "The little book of passkeys");
    await said.locator("text=Saved as a draft").waitFor();
    await page.fill("[name=pages]", "120");
    await page.waitForResponse("**/activities/drafts");
    await page.close();
    const again = await page.context().newPage();
    await again.goto("/dashboard");
    await again.click('a:has-text("The little book of passkeys")');
    await again.waitForURL(/\/activities\/\d+\/edit$/);
    assert.equal(await again.inputValue("[name=title]"), "The little book of passkeys");
    assert.equal(await again.inputValue("[name=pages]"), "120");
    assert.ok(await again.isChecked("[name=category][value=reading]"));
    await page.context().close();
  });

  test("without a connection the form says so, keeps what was typed in this tab, and saves it once there is one", async () => {
    const page = await signedIn(browser, portal, WITH);
    await page.goto("/activities/new");
    const said = page.locator("[data-saved]");
    await page.fill("[name=title]", "A talk on a train");
    await said.locator("text=Saved as a draft").waitFor();
    const edit = page.url();
    await page.context().setOffline(true);
    await page.fill("[name=organiser]", "The railway");
    await said.locator("text=Not saved: there is no connection.").waitFor();
    assert.doesNotMatch(await said.innerText(), /Saved as a draft/);
    // what this tab keeps outlives it being loaded again
    page.on("dialog", (dialog) => dialog.accept());
    await page.context().setOffline(false);
    await page.route("**/activities/drafts", (route) => route.abort());
    await page.fill("[name=organiser]", "The railways");
    await said.locator("text=Not saved").waitFor();
    await page.goto(edit);
    assert.equal(await page.inputValue("[name=organiser]"), "The railways");
    await page.unroute("**/activities/drafts");
    await said.locator("text=Saved as a draft").waitFor({ timeout: 15000 });
    await page.goto(edit);
    assert.equal(await page.inputValue("[name=organiser]"), "The railways");
    assert.equal(await page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.startsWith("unsaved")).length), 0);
    // what was sent does not come back into the next form
    await page.goto("/activities/new");
    await page.route("**/activities/drafts", (route) => route.abort());
    await page.fill("[name=title]", "Sent before it was saved");
    await said.locator("text=Not saved").waitFor();
    await page.click("button[value=draft]");
    await page.waitForURL(/\/activities\/\d+$/);
    await page.goto("/activities/new");
    assert.equal(await page.inputValue("[name=title]"), "");
    await page.context().close();
  });

  const COVER = { name: "cover.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n%%EOF\n") };

  test("a file that was chosen is not lost: it is told of, asked about while it is under way, and kept when the form is left as a draft", async () => {
    const page = await signedIn(browser, portal, WITH);
    await page.goto("/activities/new");
    await page.fill("[name=title]", "A talk with a cover");
    const said = page.locator("[data-saved]");
    await said.locator("text=Saved as a draft").waitFor();
    let goOn;
    const waiting = new Promise((done) => { goOn = done; });
    await page.route("**/activities/drafts/evidence", async (route) => { await waiting; await route.continue(); });
    await page.setInputFiles("[name=evidence]", COVER);
    await said.locator("text=Not yet: the files that are still being uploaded").waitFor();
    const asked = [];
    page.once("dialog", (dialog) => { asked.push(dialog.type()); return dialog.dismiss(); });
    await page.click("footer a >> nth=0");
    await page.waitForTimeout(300);
    assert.deepEqual(asked, ["beforeunload"], "going away is asked about");
    await page.click('main form a:has-text("Leave it as a draft")');
    assert.match(page.url(), /\/edit$/, "the form waits for its file");
    goOn();
    await page.waitForURL(/\/activities\/\d+$/);
    assert.match(await page.innerText("main"), /It is saved\.[\s\S]*cover\.pdf/);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });

  test("a field that is being mended does not go on saying what was wrong", async () => {
    const page = await signedIn(browser, portal, WITH);
    await page.goto("/activities/new");
    await page.fill("[name=completed_on]", "whenever");
    await page.click("main form button[value=submit]");
    const error = page.locator("#completed_on-error");
    await error.waitFor();
    await page.fill("[name=completed_on]", "yesterday");
    await error.waitFor({ state: "hidden" });
    assert.equal(await page.getAttribute("[name=completed_on]", "aria-invalid"), null);
    assert.ok(await page.locator("#title-error").isVisible(), "the others still do");
    await page.context().close();
  });

  test("an answer that is being typed outlives handing the conversation over", async () => {
    const holder = await signedIn(browser, portal, WITH);
    await holder.goto("/advice/new");
    await holder.fill("[name=subject]", "Podcasts");
    await holder.fill("[name=words]", "Do they count?");
    await holder.click("main form button");
    await holder.waitForURL(/\/advice\/\d+$/);
    const path = new URL(holder.url()).pathname;
    const page = await signedIn(browser, portal, "rita@example.org");
    await page.goto(`/staff${path}`);
    await page.fill("[name=words]", "They do, when they");
    await page.selectOption("[name=owner]", { label: "Ruth Reviewer" });
    await page.locator("form", { has: page.locator("[name=owner]") }).locator("button").first().click();
    await page.locator("text=Handed over").waitFor();
    assert.equal(await page.inputValue("[name=words]"), "They do, when they");
    await page.click("button[value=send]");
    await page.locator("text=Sent. The holder").waitFor();
    assert.equal(await page.inputValue("[name=words]"), "", "what was sent is not kept");
    await holder.context().close();
    await page.context().close();
  });

  for (const javaScript of [true, false]) {
    test(`a report that raises a question is one draft for whoever goes back, ${javaScript ? "with" : "without"} JavaScript`, async () => {
      const page = await signedIn(browser, portal, javaScript ? WITH : WITHOUT, { javaScript });
      const title = `A thick book ${javaScript ? "with" : "without"}`;
      await page.goto("/activities/new");
      await page.check("[name=category][value=reading]");
      await page.fill("[name=title]", title);
      await page.selectOption("[name=field]", { index: 1 });
      await page.fill("[name=completed_on]", "yesterday");
      await page.fill("[name=pages]", "3000");
      await page.check("[name=not_regular_job]");
      await page.setInputFiles("[name=evidence]", { name: "cover.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n%%EOF\n") });
      await page.click("main form button[value=submit]");
      await page.locator("text=Please look at this once more").waitFor();
      await page.goBack();
      // the browser puts back what was typed
      assert.equal(await page.inputValue("[name=title]"), title);
      await page.goto("/activities");
      await page.waitForTimeout(500); // what leaves with the page needs a moment to arrive
      await page.reload();
      const rows = page.locator("main tbody tr", { hasText: title });
      assert.equal(await rows.count(), 1, "one draft, and not another of what the browser put back into the form");
      assert.match(await rows.innerText(), /1 file[\s\S]*Draft/);
      assert.deepEqual(page.faults, []);
      await page.context().close();
    });
  }

  test("a calendar stands beside the day, and the note beside the relevance follows the field", async () => {
    const page = await signedIn(browser, portal, WITH);
    await page.goto("/activities/new");
    assert.ok(await page.getByRole("button", { name: "Calendar: Day completed" }).isVisible());
    await page.evaluate(() => {
      const picker = document.querySelector("#completed_on").parentElement.querySelector(".picker");
      picker.value = "2026-03-14";
      picker.dispatchEvent(new Event("change"));
    });
    assert.equal(await page.inputValue("[name=completed_on]"), "14 March 2026");
    const note = page.locator("label[for=relevance] .optional");
    assert.equal(await note.textContent(), "(optional)", "of the proposed field, which is the holder's own");
    for (const [field, words] of [["crisis_management", "(needed for this field)"], ["it_security", "(optional)"], ["", "(needed for other fields)"]]) {
      await page.selectOption("[name=field]", field);
      assert.equal(await note.textContent(), words, field);
      assert.equal(await page.locator("#relevance").isVisible(), field === "crisis_management", `${field}: asked for where it is needed`);
    }
    await page.fill("[name=completed_on]", "1 never");
    await page.locator("#preview", { hasText: "Needs another look" }).waitFor();
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
});
