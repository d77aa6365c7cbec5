// The report form on a phone: how long it is, how many taps it takes, what folds and unfolds, and what it counts beside its button.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { addAccount, day, longDate, signIns, signedIn } from "./people.mjs";
import { overflow, startPortal } from "./portal.mjs";
import { browser, portal, stage } from "./stage.mjs";

const HOLDER = "quick@example.org";
/** Pixels that the whole page may be high on a phone, with its head and foot; it was 2,912. */
const HIGHEST = 1400;

stage({
  prepare: async (run, _, bring) => {
    await bring(["email,name,certification,certificate_number,granted_on", `${HOLDER},Quinn Quick,ISP,ISP-1,${day(-60)}`], "holders");
    await addAccount(run, "holder", HOLDER, "Quinn Quick");
  },
});

/** The form, opened by the holder, and the addresses to which something was sent. */
async function opened(options = {}, path = "/activities/new") {
  const page = await signedIn(browser, portal, HOLDER, options);
  await page.goto(path);
  const sent = [];
  page.on("request", (request) => { if (request.method() === "POST") sent.push(new URL(request.url()).pathname); });
  return { page, sent: () => sent.filter((address) => /^\/activities(\/\d+)?$/.test(address)) };
}

async function done(page) {
  assert.equal(await overflow(page), 0, "it scrolls sideways");
  assert.deepEqual(page.faults, []);
  await page.context().close();
}

const kinds = (page) => page.locator("[name=category]");
const visibleKinds = async (page) => (await kinds(page).all()).reduce(async (sum, kind) => (await sum) + ((await kind.isVisible()) ? 1 : 0), 0);
const chip = (page, text) => page.locator(".chip:visible", { hasText: new RegExp(`^${text}$`) });
const box = (page, selector) => page.locator(selector).boundingBox();

describe("with the demonstration's holders", { concurrency: false }, () => {
  let demo;
  before(async () => { demo = await startPortal({ command: ["demo"] }); });
  after(async () => { await demo?.stop(); });

  test("the page is at most 1,400 pixels high on a phone once the kind is chosen, for every kind and every holder who can report", async (t) => {
    let measured = 0;
    for (const { email, password } of signIns(demo).filter(({ role }) => role === "holder").slice(0, 6)) {
      const page = await signedIn(browser, demo, email, { password, width: "narrow" });
      await page.goto("/activities/new");
      if ((await page.locator("form.report").count()) > 0) {
        const height = () => page.evaluate(() => document.documentElement.scrollHeight);
        const before = await height();
        await page.click("label[for=category]");
        const folded = await height();
        t.diagnostic(`${email}: ${before} pixels, ${folded} with a kind`);
        assert.ok(folded <= HIGHEST, `${email}: ${folded} pixels`);
        assert.ok(before - folded > 300, "the kinds that were not chosen are gone");
        measured += 1;
        for (const kind of ["reading", "writing", "teaching", "course_material", "unregistered"]) {
          await page.click(".change");
          await page.check(`[name=category][value=${kind}]`);
          assert.ok((await height()) <= HIGHEST, `${kind}: ${await height()} pixels`);
        }
      }
      await page.context().close();
    }
    assert.ok(measured >= 4, `${measured} holders can report`);
  });
});

test("an ordinary report takes six taps, and says beside its button what it counts and what is to go", async (t) => {
  const { page, sent } = await opened({ width: "narrow" });
  let taps = 0;
  const tap = async (target) => { taps += 1; await target.click(); };
  await tap(page.locator("label", { hasText: "Attending an event or training" }));
  await tap(page.locator("[name=title]"));
  await page.keyboard.type("Webinar on passkeys");
  await tap(chip(page, "Yesterday"));
  await tap(chip(page, "2 h"));
  assert.equal(await page.inputValue("[name=completed_on]"), longDate(day(-1)));
  assert.equal(await page.inputValue("[name=hours]"), "2");
  assert.equal(await chip(page, "2 h").getAttribute("aria-pressed"), "true");
  assert.equal(await page.inputValue("[name=field]"), "information_security", "the field is proposed");
  const line = page.locator(".brief", { hasText: "2 credits, then 18 to go" });
  await line.waitFor();
  // in sight at the top of the page as well as at its end, and beside the button
  for (const top of [0, 99999]) {
    await page.evaluate((to) => scrollTo(0, to), top);
    const [words, button] = [await line.boundingBox(), await box(page, "button[value=submit]")];
    assert.ok(words.y >= 0 && words.y + words.height <= 844, `the line stands at ${words.y}`);
    assert.ok(words.x > button.x + button.width && words.y < button.y + button.height && button.y < words.y + words.height, "beside the button");
  }
  await tap(page.locator("label[for=not_regular_job]"));
  await tap(page.locator("button[value=submit]"));
  await page.waitForURL(/\/activities\/\d+\/receipt$/);
  assert.ok(taps <= 6, `${taps} taps`);
  t.diagnostic(`${taps} taps`);
  const words = await page.innerText("main");
  assert.match(words, /2 hours/);
  assert.ok(words.includes(longDate(day(-1))), words);
  assert.equal(sent().length, 1);
  await done(page);
});

test("buttons fill what fits the kind, in place of what stood there", async () => {
  const { page } = await opened({ width: "narrow" });
  assert.equal(await chip(page, "1 h").count(), 0, "no length before the kind is known");
  const offered = async (kind) => {
    if (await page.locator(".change").isVisible()) await page.click(".change");
    await page.check(`[name=category][value=${kind}]`);
    return page.locator(".chip:visible").allInnerTexts();
  };
  assert.deepEqual(await offered("attending"), ["Today", "Yesterday", "1 h", "2 h", "4 h", "8 h"]);
  await page.fill("[name=hours]", "1");
  await page.fill("[name=minutes]", "45");
  assert.equal(await chip(page, "1 h").getAttribute("aria-pressed"), "false", "one hour and 45 minutes is no hour");
  await chip(page, "4 h").click();
  assert.deepEqual([await page.inputValue("[name=hours]"), await page.inputValue("[name=minutes]")], ["4", ""]);
  assert.deepEqual(await offered("unregistered"), ["Today", "Yesterday", "30 min", "1 h", "2 h", "3 h"]);
  await chip(page, "30 min").click();
  await chip(page, "Today").click();
  await page.locator(".brief", { hasText: "0.16 credits, then" }).waitFor();
  assert.deepEqual(await offered("reading"), ["Today", "Yesterday", "50", "100", "150", "300"]);
  await chip(page, "300").click();
  assert.equal(await page.inputValue("[name=pages]"), "300");
  assert.deepEqual(await offered("writing"), ["Today", "Yesterday", "1", "2", "5", "10"]);
  for (const button of await page.locator(".chip:visible").all()) {
    const { height, width } = await button.boundingBox();
    assert.ok(height >= 44 && width >= 24, `${await button.innerText()}: ${width} × ${height}`);
  }
  // what was filled in is kept like what is typed
  await page.locator("[data-saved]", { hasText: "Saved as a draft" }).waitFor();
  const edit = page.url();
  await page.goto(edit);
  assert.equal(await page.inputValue("[name=pages]"), "300");
  assert.equal(await visibleKinds(page), 1, "a draft is opened with its kind alone");
  await done(page);
});

test("Enter in a field of one line sends nothing and goes on", async () => {
  const { page, sent } = await opened();
  await page.check("[name=category][value=attending]");
  const path = () => new URL(page.url()).pathname;
  for (const [name, next] of [["title", "organiser"], ["organiser", "field"], ["completed_on", "hours"], ["hours", "minutes"], ["minutes", null]]) {
    await page.fill(`[name=${name}]`, name === "hours" ? "2" : name === "minutes" ? "" : name === "completed_on" ? "yesterday" : "Typed");
    await page.press(`[name=${name}]`, "Enter");
    if (next) assert.equal(await page.evaluate(() => document.activeElement.name), next, `after ${name}`);
  }
  await page.press("[name=category]:checked", "Enter");
  await page.press("[name=not_regular_job]", "Enter");
  await page.waitForTimeout(500);
  assert.deepEqual(sent(), []);
  assert.match(path(), /^\/activities\/(new|\d+\/edit)$/);
  // the button still sends by the same key
  await page.check("[name=not_regular_job]");
  await page.press("button[value=submit]", "Enter");
  await page.waitForURL(/\/activities\/\d+\/receipt$/);
  assert.match(await page.innerText("main"), /Your report has been sent/);
  await done(page);
});

test("the kind folds for a key as for a tap, and arrow keys only try kinds", async () => {
  const { page } = await opened();
  await page.focus("[name=category]");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  assert.equal(await visibleKinds(page), 6, "as long as somebody looks through them");
  await page.keyboard.press("Tab");
  assert.equal(await visibleKinds(page), 1);
  assert.ok(await page.isChecked("[name=category][value=writing]"));
  assert.ok(await page.locator("[name=publication]").isVisible());
  const change = page.locator(".change");
  await change.focus();
  assert.match(await change.getAttribute("aria-label"), /^Change: What kind of activity was it\?$/);
  await page.keyboard.press("Enter");
  assert.equal(await visibleKinds(page), 6);
  assert.equal(await page.evaluate(() => document.activeElement.value), "writing", "the keys go on where they were");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Space");
  assert.equal(await visibleKinds(page), 1);
  assert.ok(await page.isChecked("[name=category][value=reading]"));
  assert.equal(await page.evaluate(() => document.activeElement.value), "reading", "the focus is not lost");
  await done(page);
});

test("relevance is asked for a far field alone, and what was typed there stays in sight", async () => {
  const { page } = await opened({ width: "narrow" });
  const why = page.locator("#relevance");
  assert.equal(await why.isVisible(), false);
  await page.selectOption("[name=field]", "crisis_management");
  assert.ok(await why.isVisible());
  await page.selectOption("[name=field]", "ethical_hacking");
  assert.equal(await why.isVisible(), false);
  await page.selectOption("[name=field]", "crisis_management");
  await why.fill("We rehearsed a crisis.");
  await page.selectOption("[name=field]", "information_security");
  assert.ok(await why.isVisible(), "it would be sent");
  await done(page);
});

test("the first day is folded away until it took several days, and open in a draft and at a fault", async () => {
  const { page } = await opened({ width: "narrow" });
  const first = page.locator("#started_on");
  assert.equal(await first.isVisible(), false);
  await page.click("summary:has-text('It took several days')");
  await first.fill(longDate(day(-4)));
  await chip(page, "Yesterday").click();
  await page.fill("[name=title]", "A course of three days");
  await page.locator("[data-saved]", { hasText: "Saved as a draft" }).waitFor();
  await page.goto(page.url());
  assert.ok(await first.isVisible(), "in the draft");
  await first.fill(longDate(day(0)));
  await page.click("button[value=submit]");
  await page.locator("#started_on-error").waitFor();
  assert.ok(await first.isVisible(), "and where it contradicts the other day");
  assert.equal(await visibleKinds(page), 6, "a kind that is missing is chosen among all");
  await page.click("label[for=category]");
  assert.equal(await visibleKinds(page), 1);
  await done(page);
});

test("what it counts is a column beside the form where there is room, and below it on a phone", async () => {
  const { page } = await opened();
  await page.check("[name=category][value=attending]");
  await chip(page, "Yesterday").click();
  await chip(page, "1 h").click();
  await page.locator("#preview", { hasText: /\b1 credit\b/ }).waitFor();
  for (const width of [1000, 1280, 1920]) {
    await page.setViewportSize({ width, height: 900 });
    const [card, answers, button] = [await box(page, ".outlook"), await box(page, ".answers"), await box(page, "button[value=submit]")];
    assert.ok(card.x >= answers.x + answers.width, `${width}: the card begins at ${card.x}, the answers end at ${answers.x + answers.width}`);
    assert.ok(card.y < 400 && card.x + card.width <= width, `${width}: in sight`);
    assert.ok(button.x < card.x && button.y + button.height <= 900, `${width}: the button too`);
    assert.equal(await overflow(page), 0);
  }
  await page.evaluate(() => scrollTo(0, 400));
  const card = await box(page, ".outlook");
  assert.ok(card.y >= 0 && card.y < 60, `it stays in sight: ${card.y}`);
  for (const width of [390, 999]) {
    await page.setViewportSize({ width, height: 844 });
    const [below, job] = [await box(page, ".outlook"), await box(page, "#not_regular_job")];
    assert.ok(below.y > job.y, `${width}: below`);
  }
  await done(page);
});

test("a report again, and one with faults, begin with their kind folded and all that is wrong in sight", async () => {
  const { page } = await opened({ width: "narrow" });
  await page.click("label[for=category]");
  await page.fill("[name=title]", "A yearly congress");
  await chip(page, "Yesterday").click();
  await page.fill("[name=hours]", "many");
  await page.click("button[value=submit]");
  await page.locator(".error-summary").waitFor();
  assert.equal(await visibleKinds(page), 1);
  for (const link of await page.locator(".error-summary a").all()) {
    const field = page.locator(await link.getAttribute("href"));
    assert.ok(await field.isVisible(), `${await link.innerText()} is in sight`);
  }
  assert.equal(await page.inputValue("[name=hours]"), "many");
  await chip(page, "8 h").click();
  await page.check("[name=not_regular_job]");
  await page.click("button[value=submit]");
  await page.waitForURL(/\/activities\/\d+\/receipt$/);
  await page.goto(`/activities/new?again=${page.url().split("/").at(-2)}`);
  assert.equal(await visibleKinds(page), 1);
  assert.equal(await page.inputValue("[name=title]"), "A yearly congress");
  assert.equal(await page.inputValue("[name=completed_on]"), "");
  assert.equal(await chip(page, "8 h").getAttribute("aria-pressed"), "true");
  // two taps and the button are left
  await chip(page, "Today").click();
  await page.check("[name=not_regular_job]");
  await page.click("button[value=submit]");
  await page.waitForURL(/\/activities\/\d+\/receipt$/);
  assert.match(await page.innerText("main"), /Your report has been sent/);
  await done(page);
});

test("without JavaScript nothing is missing, and Enter only looks ahead", async () => {
  const { page, sent } = await opened({ width: "narrow", javaScript: false });
  assert.equal(await visibleKinds(page), 6);
  assert.equal(await page.locator(".chip:visible").count(), 0, "buttons that do nothing are not there");
  assert.equal(await page.inputValue("[name=field]"), "information_security");
  await page.check("[name=category][value=attending]");
  await page.fill("[name=completed_on]", "yesterday");
  await page.fill("[name=hours]", "1:30");
  await page.selectOption("[name=field]", "crisis_management");
  await page.click(".relevance summary");
  await page.fill("[name=relevance]", "We rehearsed a crisis.");
  await page.click(".when summary");
  await page.fill("[name=started_on]", longDate(day(-2)));
  await page.fill("[name=title]", "A rehearsal");
  await page.press("[name=title]", "Enter");
  await page.locator(".brief", { hasText: /^1\.50 credits, then / }).waitFor();
  assert.deepEqual(sent(), ["/activities"]);
  assert.doesNotMatch(await page.innerText("main"), /Your report has been sent/);
  assert.equal(await page.inputValue("[name=title]"), "A rehearsal");
  for (const name of ["relevance", "started_on"]) assert.ok(await page.locator(`[name=${name}]`).isVisible(), `${name} is open, as it is filled in`);
  const list = await page.context().newPage();
  await list.goto("/activities");
  assert.equal(await list.locator("main tbody tr", { hasText: "A rehearsal" }).count(), 0, "nothing was sent or kept");
  await list.close();
  await page.check("[name=not_regular_job]");
  await page.click("button[value=submit]");
  await page.waitForURL(/\/activities\/\d+\/receipt$/);
  assert.match(await page.innerText("main"), /Your report has been sent/);
  await done(page);
});
