// The queue with a report beside it: read without being claimed, judged by keys and by mouse, with script and without.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { judged } from "./judge.mjs";
import { addAccount, day, fillIn, pdf, signedIn } from "./people.mjs";
import { overflow, startBrowser, startPortal } from "./portal.mjs";

const HOLDER = "holder@example.org";
const REVIEWER = "reviewer@example.org";
const COLLEAGUE = "colleague@example.org";
const MANY = 60;
const DOCUMENTS = ["A document", "Another document"];

let portal;
let browser;

before(async () => {
  browser = await startBrowser();
  portal = await startPortal({
    env: { CPE_PORTAL_UNDO_SECONDS: "60" },
    prepare: async (run, data) => {
      const file = join(data, "import.csv");
      const bring = async (rows, what) => {
        await writeFile(file, [...rows, ""].join("\n"));
        const { code, stdout, stderr } = await run(["import", what, file]);
        assert.equal(code, 0, stdout + stderr);
      };
      await bring(["email,name,certification,certificate_number,granted_on", `${HOLDER},Hanna Holder,ISP,ISP-1,${day(-200)}`], "holders");
      const report = (n) => `${HOLDER},attending,Course ${String(n).padStart(2, "0")} about something that has a long name,Organiser,information_security,,${day(-2 * n - 3)},1,,submitted`;
      await bring(
        ["email,category,title,organiser,field,started_on,completed_on,quantity,publication,status", ...Array.from({ length: MANY }, (_, n) => report(n))],
        "activities",
      );
      await addAccount(run, "holder", HOLDER, "Hanna Holder");
      await addAccount(run, "reviewer", REVIEWER, "Rita Reviewer");
      await addAccount(run, "reviewer", COLLEAGUE, "Cora Colleague");
    },
  });
  const holder = await signedIn(browser, portal, HOLDER);
  for (const title of DOCUMENTS) {
    await holder.goto("/activities/new");
    await fillIn(holder, {
      category: "attending", title, organiser: "Somebody", field: "information_security", completed_on: day(-1), hours: "3", not_regular_job: true, evidence: [pdf(title)],
    });
    await holder.locator("[data-done], .uploads li:not(.stopped)").first().waitFor().catch(() => {});
    await holder.click("button[value=submit]");
    await holder.waitForURL(/\/activities\/\d+\/receipt$/);
  }
  await holder.context().close();
});

after(async () => {
  await browser?.close();
  await portal?.stop();
});

const row = (page, title) => page.locator("main tbody tr", { hasText: title });
const titleOf = (page) => page.locator(".pane-head h2").innerText();
const beside = (page, title) => page.locator(".pane-head h2", { hasText: title }).waitFor();
const said = (page) => page.innerText(".notice[role=status]");
/** Whether a colleague sees that somebody reads something now. */
async function isRead(colleague) {
  await colleague.goto("/staff/review");
  return (await colleague.locator("main tbody .reading").count()) > 0;
}
const loaded = async (page, path) => {
  await page.goto(path, { waitUntil: "load" });
  await page.locator(".pane #decide").waitFor();
};

/** What of a verdict is not to be seen: out of the window, under something else, or scrolled away inside of itself. */
const hidden = (page) =>
  page.evaluate(() => {
    const parts = [...document.querySelectorAll(".verdict .outcomes, .verdict [name=decision], #quantity, #reason_code, #reason, #decide")];
    return parts.filter((each) => each.getClientRects().length > 0).flatMap((each) => {
      const { top, bottom, left, right } = each.getBoundingClientRect();
      const covered = [top + 3, (top + bottom) / 2, bottom - 3].some((y) => {
        const there = document.elementFromPoint((left + right) / 2, y);
        return !there || !(each.contains(there) || there.contains(each) || there.closest(".choice")?.contains(each));
      });
      const cut = each.scrollHeight > each.clientHeight + 1 && each.matches("textarea");
      return top < 0 || bottom > innerHeight || covered || cut ? [`${each.id || each.className}: ${top} to ${bottom}, covered ${covered}, cut ${cut}`] : [];
    });
  });

/** Rows of the list that are wholly in sight. */
const rowsInSight = (page) =>
  page.locator("main tbody tr").evaluateAll((all) => all.filter((each) => {
    const { top, bottom, left } = each.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight && each.contains(document.elementFromPoint(left + 120, bottom - 4)) && each.contains(document.elementFromPoint(left + 120, top + 4));
  }).length);

describe("list left, report right", () => {
  for (const viewport of [{ width: 1280, height: 800 }, { width: 1200, height: 760 }, { width: 1920, height: 1080 }]) {
    test(`at ${viewport.width} × ${viewport.height} rows and the whole verdict are in sight, whatever is chosen`, async () => {
      const page = await signedIn(browser, portal, REVIEWER);
      await page.setViewportSize(viewport);
      await loaded(page, "/staff/review");
      if (viewport.height >= 800) assert.ok((await rowsInSight(page)) >= 14, `${await rowsInSight(page)} rows`);
      const sizes = await page.evaluate(() => [".split-list", ".split-list .table-scroll", ".pane"].map((each) => document.querySelector(each)).map((each) => each.scrollWidth - each.clientWidth));
      assert.deepEqual(sizes, [0, 0, 0], "nothing scrolls sideways");
      const name = await page.locator("main tbody .who-cell a").first().boundingBox();
      assert.ok(name.width >= 60 && (await page.locator("main tbody tr").first().boundingBox()).height <= 37, "the holder's name, in one line");
      assert.equal(await overflow(page), 0);
      assert.match(await page.innerText(".outcomes"), /^Gives \d, needs \d+ → \d+ to go(, or \S+ with the others that wait)?$/);
      assert.deepEqual(await hidden(page), []);
      const reasons = (await page.locator("#reason_code option").count()) - 1;
      await page.keyboard.press("a");
      assert.deepEqual(await hidden(page), [], "approve");
      for (const verdict of ["r", "e"]) {
        await page.keyboard.press(verdict);
        assert.deepEqual(await hidden(page), [], verdict);
        for (let reason = 1; reason <= reasons; reason += 1) {
          await page.keyboard.press(String(reason));
          assert.equal(await page.locator("#reason_code").evaluate((list) => list.selectedIndex), reason);
          assert.deepEqual(await hidden(page), [], `${verdict} ${reason}`);
          await page.focus("main");
        }
      }
      assert.deepEqual(page.faults, []);
      await page.context().close();
    });
  }

  test("everybody can use it: contrast, names, sizes, enlarged four times", async () => {
    const page = await signedIn(browser, portal, REVIEWER);
    await loaded(page, "/staff/review?sort=-by-completion");
    await row(page, "A document").first().locator("th a").click();
    await beside(page, "A document");
    await judged(page, "the queue with a report");
    await page.keyboard.press("r");
    await judged(page, "the queue with a report, returned");
    await page.context().close();
  });

  test("where there is no room the list is alone, and its rows lead to pages of their own", async () => {
    const page = await signedIn(browser, portal, REVIEWER);
    for (const viewport of [{ width: 1100, height: 900 }, { width: 390, height: 844 }, { width: 320, height: 225 }]) {
      await page.setViewportSize(viewport);
      await page.goto("/staff/review", { waitUntil: "load" });
      assert.ok(!(await page.locator(".pane").isVisible()) && !(await page.locator(".beside a").first().isVisible()));
      assert.equal(await page.locator("#decide").count(), 0, "nothing is read ahead");
      assert.equal(await overflow(page), 0);
      await page.locator("main tbody th a").first().click();
      await page.waitForURL(/\/staff\/activities\/\d+$/);
      // a report that was chosen before the window became smaller is a link away
      const id = page.url().split("/").at(-1);
      await page.goto(`/staff/review?report=${id}`);
      assert.equal(await page.getAttribute(".chosen-link a", "href"), `/staff/activities/${id}`);
      assert.ok(await page.locator(".chosen-link").isVisible());
    }
    await page.context().close();
  });

  test("who wants more room gets it here, too", async () => {
    const page = await signedIn(browser, portal, REVIEWER);
    const set = async (density) => {
      await page.goto("/account");
      await page.check(`[name=density][value=${density}]`);
      await page.click("form[action='/account/lists'] button");
      await page.locator(".notice[role=status]").waitFor();
    };
    await set("comfortable");
    await page.setViewportSize({ width: 1280, height: 800 });
    await loaded(page, "/staff/review");
    assert.equal(await overflow(page), 0);
    assert.ok((await page.locator("main tbody tr").first().boundingBox()).height >= 60);
    assert.ok((await rowsInSight(page)) >= 6, `${await rowsInSight(page)} rows`);
    assert.ok(!(await page.locator(".why:not(.keys) > div").isVisible()), "explanations are folded");
    await page.locator("#decide").evaluate((button) => button.scrollIntoView({ block: "center" }));
    assert.deepEqual(await hidden(page), []);
    await set("dense");
    await page.context().close();
  });
});

describe("reading", () => {
  test("j and k go through the reports, a click chooses one, and none of it claims anything", async () => {
    const colleague = await signedIn(browser, portal, COLLEAGUE);
    const page = await signedIn(browser, portal, REVIEWER);
    await loaded(page, "/staff/review?sort=by-title");
    const titles = await page.locator("main tbody th a").allInnerTexts();
    await beside(page, titles[0]);
    await page.keyboard.press("j");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), titles[0]);
    for (const n of [1, 2, 3]) {
      await page.keyboard.press("j");
      await beside(page, titles[n]);
    }
    await page.keyboard.press("k");
    await beside(page, titles[2]);
    assert.equal(await page.locator("tr[aria-current]").locator("th a").innerText(), titles[2]);
    assert.match(page.url(), /\/staff\/review\?sort=by-title&report=\d+$/);
    await row(page, titles[7]).locator("th a").click();
    await beside(page, titles[7]);
    // held down, j passes over rows, and the last one is read
    for (let n = 0; n < 5; n += 1) await page.keyboard.press("j");
    await beside(page, titles[12]);
    // keys of the list go on working
    await page.keyboard.press("x");
    assert.equal(await page.innerText("[data-count]"), "1 ticked.");
    await page.keyboard.press("x");
    assert.equal(await isRead(colleague), false);

    // who begins to judge claims it, and gives it back by going on
    await page.keyboard.press("r");
    await page.keyboard.press("1");
    await page.waitForFunction(() => document.querySelector(".pane [name=decision]:checked"));
    const claimed = async (wanted) => {
      for (let tries = 0; tries < 40; tries += 1) {
        if ((await isRead(colleague)) === wanted) return true;
        await new Promise((wake) => setTimeout(wake, 50));
      }
      return false;
    };
    assert.ok(await claimed(true), "judging claims");
    await page.fill("#reason", "Words of my own.");
    await page.focus("main");
    await page.keyboard.press("k");
    await beside(page, titles[11]);
    assert.ok(await claimed(false), "going on gives it back");
    assert.equal(await page.inputValue("#reason"), "");
    // what was begun is still there
    await page.keyboard.press("j");
    await beside(page, titles[12]);
    assert.equal(await page.inputValue("#reason"), "Words of my own.");
    assert.ok(await page.isChecked("#decision-return"));
    await page.reload({ waitUntil: "load" });
    await beside(page, titles[12]);
    assert.equal(await page.inputValue("#reason"), "Words of my own.", "and after loading the page again");
    await page.fill("#reason", "");

    // Enter opens it on its own page, and that claims it
    await page.focus("main");
    await page.keyboard.press("j");
    await beside(page, titles[13]);
    await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.keyboard.press("Enter")]);
    assert.equal(await page.innerText("h1"), titles[13]);
    assert.ok(await isRead(colleague));
    assert.deepEqual(page.faults, []);
    await page.context().close();
    await colleague.context().close();
  });

  test("numbers stand beside the reasons, each of them works, Escape leaves the words, and what was begun goes along", async () => {
    const page = await signedIn(browser, portal, REVIEWER);
    await loaded(page, "/staff/review?sort=by-title");
    const link = page.locator("main tbody th a").nth(20);
    await link.click();
    await beside(page, await link.innerText());
    const numbers = page.locator(".pane .reason-keys");
    assert.ok(await numbers.isVisible(), "before a verdict is chosen");
    const shown = await numbers.locator("kbd").allTextContents();
    assert.equal(shown.length, (await page.locator("#reason_code option").count()) - 1);
    for (const [at, key] of shown.entries()) {
      await page.focus("main");
      await page.keyboard.press(key);
      assert.equal(await page.locator("#reason_code").evaluate((list) => list.selectedIndex), at + 1);
      assert.ok(await page.isChecked("#decision-return"), "the milder verdict");
    }
    await page.focus("main");
    await page.keyboard.press(String(shown.length + 1));
    assert.equal(await page.locator("#reason_code").evaluate((list) => list.selectedIndex), shown.length, "no other does anything");
    await page.fill("#reason", "Words of my own.");
    await page.keyboard.press("Escape");
    assert.ok(await page.evaluate(() => document.activeElement === document.body));
    assert.equal(await page.inputValue("#reason"), "Words of my own.");
    await page.keyboard.press("a");
    assert.ok(!(await numbers.isVisible()), "an approval has no reason");
    await page.keyboard.press("3");
    assert.ok(await page.isChecked("#decision"));
    await page.keyboard.press("r");
    await page.keyboard.press("2");
    await page.fill("#reason", "Words of my own.");
    // on its own page it stands as it was
    await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.click(".pane-head a:has-text('own page')")]);
    assert.ok(await page.isChecked("#decision-return"));
    assert.equal(await page.locator("#reason_code").evaluate((list) => list.selectedIndex), 2);
    assert.equal(await page.inputValue("#reason"), "Words of my own.");
    // keys that are off have no numbers
    await page.click("[data-keys] > summary");
    await page.uncheck("[data-keys-switch]");
    assert.ok(!(await page.locator(".reason-keys").isVisible()));
    await page.check("[data-keys-switch]");
    assert.ok(await page.locator(".reason-keys").isVisible());
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });

  test("a note and giving it away are beside the list, and writing one claims nothing", async () => {
    const colleague = await signedIn(browser, portal, COLLEAGUE);
    const page = await signedIn(browser, portal, REVIEWER);
    await loaded(page, "/staff/review?sort=by-title");
    const link = page.locator("main tbody th a").nth(22);
    const title = await link.innerText();
    await link.click();
    await beside(page, title);
    await page.click("#colleagues > summary");
    await page.click("#notes > summary");
    await page.fill("#note", "Asked the organiser.");
    assert.equal(await isRead(colleague), false);
    await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.click("#notes form button")]);
    assert.match(await said(page), /The note has been added/);
    assert.equal(await titleOf(page), title);
    assert.match(page.url(), /\/staff\/review\?sort=by-title&report=\d+#notes$/);
    assert.match(await page.innerText("#notes"), /Asked the organiser\./);
    await page.context().close();
    await colleague.context().close();
  });

  test("what was begun of a verdict does not come back on another version of the report", async () => {
    const page = await signedIn(browser, portal, REVIEWER);
    await loaded(page, "/staff/review?sort=by-title");
    await page.goto(await page.locator("main tbody th a").nth(21).getAttribute("href"), { waitUntil: "load" });
    await page.check("#decision-return");
    await page.fill(".verdict #reason", "About what stood there.");
    await page.reload({ waitUntil: "load" });
    assert.equal(await page.inputValue(".verdict #reason"), "About what stood there.");
    // its holder has changed it meanwhile
    await page.route(page.url(), async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replace(/name="version" value="(\d+)"/g, (_, version) => `name="version" value="${Number(version) + 2}"`);
      await route.fulfill({ response, body });
    });
    await page.reload({ waitUntil: "load" });
    assert.equal(await page.inputValue(".verdict #reason"), "");
    assert.ok(!(await page.isChecked("#decision-return")));
    await page.context().close();
  });

  test("a colleague who reads it already is named as soon as somebody begins to judge", async () => {
    const colleague = await signedIn(browser, portal, COLLEAGUE);
    const page = await signedIn(browser, portal, REVIEWER);
    await loaded(page, "/staff/review?sort=by-title");
    const link = page.locator("main tbody th a").nth(4);
    await link.click();
    await beside(page, await link.innerText());
    assert.equal(await page.locator(".pane [data-reading-notice] .notice").count(), 0);
    await colleague.goto(await link.getAttribute("href"), { waitUntil: "load" });
    await page.keyboard.press("a");
    await page.locator(".pane [data-reading-notice] .notice", { hasText: "Cora Colleague has been reading this report" }).waitFor();
    assert.ok(await page.locator(".pane #take_over").isVisible(), "the verdict says so, too");
    assert.deepEqual(await hidden(page), []);
    await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.click("button:has-text('Take it over')")]);
    assert.match(page.url(), /\/staff\/review\?sort=by-title&report=\d+$/);
    assert.equal(await page.locator(".pane [data-reading-notice] .notice").count(), 0);
    await page.context().close();
    await colleague.context().close();
  });

  test("the next report and its first file are fetched before they are asked for, and the file once", async () => {
    const page = await signedIn(browser, portal, REVIEWER);
    const lines = () => (portal.said.stdout + portal.said.stderr).split("\n").filter((line) => line.includes("/evidence/{id}/view")).length;
    const before = lines(), viewed = () => lines() - before;
    await page.goto("/staff/review?sort=-by-completion", { waitUntil: "load" });
    const titles = await page.locator("main tbody th a").allInnerTexts();
    const at = Math.min(...DOCUMENTS.map((title) => titles.indexOf(title)));
    assert.equal(at, 0, "the latest two have documents");
    await beside(page, titles[0]);
    await page.locator(".ahead iframe").waitFor({ state: "attached" });
    const address = await page.getAttribute(".ahead iframe", "src");
    for (let tries = 0; tries < 100 && viewed() < 2; tries += 1) await new Promise((wake) => setTimeout(wake, 50));
    assert.equal(viewed(), 2, "the file that is shown, and the one of the next report");
    const asked = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await beside(page, titles[1]);
    assert.ok((await page.getAttribute("iframe.viewer", "src")).startsWith(address));
    const report = await page.locator("tr[aria-current]").getAttribute("data-report");
    assert.ok(!asked.includes(`/staff/activities/${report}/reading`), "the report was there");
    await page.locator(".ahead").waitFor({ state: "attached" });
    await page.waitForTimeout(500);
    assert.equal(viewed(), 2, "the file was there");
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
});

describe("judging", () => {
  test("a verdict leads to the next report of the list, with filter, order and undo", async () => {
    const page = await signedIn(browser, portal, REVIEWER);
    await loaded(page, "/staff/review?category=attending&sort=-by-title");
    const titles = await page.locator("main tbody th a").allInnerTexts();
    await page.locator("main tbody th a").nth(2).click();
    await beside(page, titles[2]);
    const send = async (...keys) => {
      for (const key of keys.slice(0, -1)) await page.keyboard.press(key);
      await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.keyboard.press(keys.at(-1))]);
    };
    await send("e", "3", "Enter");
    assert.match(await said(page), new RegExp(`^Rejected “${titles[2]}`));
    assert.equal(await titleOf(page), titles[3]);
    assert.match(page.url(), /\/staff\/review\?category=attending&sort=-by-title&report=\d+$/);
    const now = await page.locator("main tbody th a").allInnerTexts();
    assert.deepEqual(now.slice(0, 4), [titles[0], titles[1], titles[3], titles[4]]);
    await send("u");
    assert.match(await said(page), /^Undone\./);
    assert.equal(await titleOf(page), titles[2]);
    // a verdict that has something to mend stays here, with what was typed
    await page.keyboard.press("r");
    await page.fill("#reason", "What was it about?");
    await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.click("#decide")]);
    assert.match(await page.title(), /^Error: /);
    assert.equal(await page.inputValue("#reason"), "What was it about?");
    assert.deepEqual(await page.locator("main tbody th a").allInnerTexts(), titles);
    assert.deepEqual(await hidden(page), []);
    await page.context().close();
  });

  test("without script a link reads it beside the list, and everything else goes on", async () => {
    const page = await signedIn(browser, portal, REVIEWER, { javaScript: false });
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto("/staff/review?sort=by-title");
    assert.match(await page.innerText(".pane"), /Choose a report/);
    const titles = await page.locator("main tbody th a").allInnerTexts();
    await page.locator("main tbody .beside a").nth(1).click();
    assert.equal(await titleOf(page), titles[1]);
    assert.deepEqual(await hidden(page), []);
    assert.ok((await rowsInSight(page)) >= 14);
    assert.equal(await overflow(page), 0);
    await page.click("details:has-text('Prepared words') > summary");
    await page.click("a:has-text('Return with these words: The dates do not match')");
    assert.equal(await titleOf(page), titles[1]);
    assert.match(await page.inputValue("#reason"), /check the day/);
    await page.click("#decide");
    assert.match(await said(page), new RegExp(`^Returned “${titles[1]}`));
    assert.equal(await titleOf(page), titles[2]);
    await page.click("form[data-undo] button");
    assert.equal(await titleOf(page), titles[1]);
    await page.locator("main tbody th a").first().click();
    await page.waitForURL(/\/staff\/activities\/\d+\?sort=by-title$/);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });

  test(`${MANY} reports one after the other, two keys each`, async () => {
    const page = await signedIn(browser, portal, REVIEWER);
    await page.setViewportSize({ width: 1280, height: 800 });
    await loaded(page, "/staff/review");
    for (let n = 0; n < MANY; n += 1) {
      await page.keyboard.press("a");
      assert.equal(await page.evaluate(() => document.activeElement.id), "decide");
      assert.deepEqual(await hidden(page), []);
      await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.keyboard.press("Enter")]);
      assert.match(await said(page), /^Approved “/);
    }
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
});
