// A whole morning of review and a whole year end by keyboard alone: with script, and without.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PASSWORD, addAccount, day, moved } from "./people.mjs";
import { openPage } from "./portal.mjs";
import { browser, portal, stage } from "./stage.mjs";

const REVIEWER = "reviewer@example.org";
const ADMINISTRATOR = "administrator@example.org";
// two of each: once with script, once without
const REPORTS = ["Approve this", "Reduce this", "Return this", "Reject this"];
const HOLDERS = ["Dora", "Wanda", "Elsa"];

stage({
  prepare: async (run, _, bring) => {
    // years that ended forty days ago, with nothing reported, flagged since then
    const granted = moved(day(-40), -1, 1);
    const rows = HOLDERS.flatMap((name) => [1, 2].map((n) => `${name}${n}@example.org,${name} ${n},ISP,ISP-${name}-${n},${granted}`));
    await bring(["email,name,certification,certificate_number,granted_on", ...rows], "holders", "--as-of", day(-60));
    // whoever is flagged has been told: invited, and the portal is live
    await run(["live", "on"]);
    for (const name of HOLDERS.flatMap((name) => [1, 2].map((n) => `${name}${n}`))) {
      const invited = await run(["account", "add", "--email", `${name}@example.org`, "--name", name, "--role", "holder"]);
      assert.equal(invited.code, 0, invited.stderr);
    }
    const flagged = await run(["deadlines", "--as-of", day(-30), "--confirm-mass-flag"]);
    assert.equal(flagged.code, 0, flagged.stderr);
    await bring(["email,name,certification,certificate_number,granted_on", `holder@example.org,Hanna Holder,ISP,ISP-1,${day(-60)}`], "holders");
    await bring(
      [
        "email,category,title,organiser,field,started_on,completed_on,quantity,publication,status",
        ...REPORTS.flatMap((title, n) => [1, 2].map((m) => `holder@example.org,attending,${title} ${m},Organiser,information_security,,${day(-20 + n)},${m + 1},,submitted`)),
      ],
      "activities",
    );
    await addAccount(run, "reviewer", REVIEWER, "Rita Reviewer");
    await addAccount(run, "administrator", ADMINISTRATOR, "Ada Administrator");
  },
});

/** Presses Tab until the element that the selector finds has the focus, and checks that one can see it there. */
async function tabTo(page, selector) {
  for (let presses = 0; presses < 250; presses += 1) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate((wanted) => {
      const now = document.activeElement;
      if (!now?.matches(wanted)) return undefined;
      const { top, bottom } = now.getBoundingClientRect();
      const { outlineStyle, outlineWidth } = getComputedStyle(now);
      return { seen: bottom > 0 && top < innerHeight, ring: outlineStyle !== "none" && parseFloat(outlineWidth) > 0 };
    }, selector);
    if (found) {
      assert.deepEqual(found, { seen: true, ring: true }, `${selector} on ${page.url()}`);
      return;
    }
  }
  assert.fail(`no Tab leads to ${selector} on ${page.url()}`);
}

/** Tabs to something and presses Enter, and waits for the page that follows. */
async function follow(page, selector) {
  await tabTo(page, selector);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  await page.waitForLoadState();
}

async function signedInByKeys(email, javaScript) {
  const page = await openPage(browser, portal, { javaScript });
  await page.goto("/sign-in");
  await tabTo(page, "[name=email]");
  await page.keyboard.type(email);
  await tabTo(page, "[name=password]");
  await page.keyboard.type(PASSWORD);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  return page;
}

/** Chooses one of the radio buttons by keyboard: Tab to the group, then arrows. */
async function choose(page, name, value) {
  await tabTo(page, `[name=${name}]`);
  await page.keyboard.press("Space");
  for (let presses = 0; presses < 5; presses += 1) {
    if (await page.isChecked(`[name=${name}][value=${value}]`)) return;
    await page.keyboard.press("ArrowDown");
  }
  assert.fail(`${value} cannot be chosen`);
}

const status = (page) => page.innerText(".notice[role=status]");

for (const javaScript of [true, false]) {
  const n = javaScript ? 1 : 2;
  describe(`by keyboard alone, ${javaScript ? "with" : "without"} script`, () => {
    test("a reviewer approves, awards less, returns and rejects, each from the list", async () => {
      const page = await signedInByKeys(REVIEWER, javaScript);
      const open = async (title) => {
        await follow(page, "nav a[href='/staff/review']");
        const href = await page.locator("main tbody th a", { hasText: title }).getAttribute("href");
        await follow(page, `main tbody th a[href='${href}']`);
        assert.equal(await page.innerText("h1"), title);
      };

      await open(`Approve this ${n}`);
      await choose(page, "decision", "approve");
      await follow(page, "#decide");
      assert.match(await status(page), /^Approved “Approve this \d”, [23] credits\./);

      await open(`Reduce this ${n}`);
      await choose(page, "decision", "approve");
      await tabTo(page, "#quantity");
      await page.keyboard.type("1:30");
      await tabTo(page, "#reason");
      await page.keyboard.type("The programme shows an hour and a half.");
      await follow(page, "#decide");
      assert.match(await status(page), /^Approved “Reduce this \d” with 1 hour 30 minutes, not as reported: 1\.50 credits\./);

      for (const [title, decision, said] of [[`Return this ${n}`, "return", /^Returned “/], [`Reject this ${n}`, "reject", /^Rejected “/]]) {
        await open(title);
        await choose(page, "decision", decision);
        await tabTo(page, "#reason_code");
        await page.keyboard.type("The dates");
        await tabTo(page, "#reason");
        // with script the prepared words are there, and the page says that they are sent
        if (javaScript) {
          assert.match(await page.inputValue("#reason"), decision === "reject" ? /does not count/ : /Please check the day/);
          assert.match(await page.innerText("[data-prepared-note]"), /sent as they stand here/);
          assert.equal(await page.innerText("#decide"), decision === "reject" ? "Reject with these words" : "Return with these words");
        } else await page.keyboard.type("The programme shows another day.");
        await follow(page, "#decide");
        assert.match(await status(page), said);
      }

      await follow(page, ".notice[role=status] a");
      assert.equal(await page.innerText("h1"), `Reject this ${n}`);
      assert.deepEqual(page.faults, []);
      await page.context().close();
    });

    test("an administrator decertifies, waives, extends and reinstates", async () => {
      const page = await signedInByKeys(ADMINISTRATOR, javaScript);
      const open = async (name) => {
        await follow(page, "nav a[href='/staff/flagged']");
        const href = await page.locator("main tbody th a", { hasText: `ISP-${name}-${n}` }).getAttribute("href");
        await follow(page, `main tbody th a[href='${href}']`);
        return href;
      };
      const decide = async (kind, until) => {
        await follow(page, `main a[href*='/${kind}']${until ? "[href$='year=1']" : ""}`);
        if (until) {
          await tabTo(page, "#until");
          await page.keyboard.type(until);
        }
        await tabTo(page, "#reason");
        await page.keyboard.type("We have talked about it.");
        if (kind === "decertification") {
          await tabTo(page, "#confirmed");
          await page.keyboard.press("Space");
        }
        await follow(page, "main form[novalidate] .actions button");
      };

      const ended = await open("Dora");
      await decide("decertification");
      assert.match(await status(page), /badge withdrawn/);
      await follow(page, ".notice[role=status] a[href='/staff/flagged']");
      assert.equal(await page.locator(`main a[href='${ended}']`).count(), 0, "it is decided");

      await open("Wanda");
      await decide("waiver");
      assert.match(await status(page), /counts as met/);

      await open("Elsa");
      await decide("extension", day(20));
      assert.match(await status(page), /deadline has moved/);

      await page.goto(ended);
      await decide("reinstatement");
      assert.match(await status(page), /is in force again/);
      assert.deepEqual(page.faults, []);
      await page.context().close();
    });
  });
}
