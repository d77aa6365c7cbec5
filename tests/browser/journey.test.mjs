// A certification year as people live it, in the browser: a report that is returned, answered and approved; and a year
// that ends short, with its flag, its decision, and what the public page says. With JavaScript on and off.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { letterTo, links } from "./letters.mjs";
import { PASSWORD, addAccount, day, figures, fillIn, longDate, moved, pdf, png, signedIn, toReport } from "./people.mjs";
import { openPage, overflow } from "./portal.mjs";
import { browser, portal, stage } from "./stage.mjs";

const REVIEWER = "reviewer@example.org";
const ADMINISTRATOR = "administrator@example.org";

// A year that ended seventeen days ago: flagged the day after, decided from the day after the notice period on.
const ENDED = day(-17);
const GRANTED = moved(day(-16), -1);

stage({
  prepare: async (run, data) => {
    await addAccount(run, "reviewer", REVIEWER, "Rosa Reviewer");
    await addAccount(run, "administrator", ADMINISTRATOR, "Ada Administrator");
    const open = ["with", "without"].map((mode) => `${mode}@example.org,Zoë ${mode} Script,ISP,ISP-${mode},${day(-60)}`);
    const short = ["with", "without"].map((mode) => `short-${mode}@example.org,Łukasz ${mode} Credits,CISO,CISO-${mode},${GRANTED}`);
    const file = join(data, "holders.csv");
    await writeFile(file, ["email,name,certification,certificate_number,granted_on", ...open, ""].join("\n"));
    done(await run(["import", "holders", file]));
    await writeFile(file, ["email,name,certification,certificate_number,granted_on", ...short, ""].join("\n"));
    done(await run(["import", "holders", file, "--as-of", moved(ENDED, 0, -100)]));
    // mails leave for whoever was invited, once the portal is live
    done(await run(["live", "on"]));
    for (const mode of ["with", "without"]) {
      done(await run(["account", "add", "--email", `short-${mode}@example.org`, "--name", `Łukasz ${mode} Credits`, "--role", "holder"]));
    }
    done(await run(["deadlines", "--as-of", moved(ENDED, 0, -80)]));
    done(await run(["deadlines", "--as-of", moved(ENDED, 0, 1)]));
  },
});

function done({ code, stdout, stderr }) {
  assert.equal(code, 0, stdout + stderr);
}

/** What holds for every page: it fits its window, and nothing went wrong on it. */
async function sound(page) {
  assert.equal(await overflow(page), 0, `${page.url()} scrolls sideways`);
  assert.deepEqual(page.faults, []);
}

for (const [mode, javaScript, width] of [["with", true, "wide"], ["without", false, "narrow"]]) {
  describe(`${mode} JavaScript`, { concurrency: false }, () => {
    const email = `${mode}@example.org`;
    const title = `Conference on incident response (${mode})`;
    let holder;

    test("a holder follows the invitation, chooses a password and sees what is missing until when", async () => {
      const added = await portal.run(["account", "add", "--email", email, "--name", "Zoë", "--role", "holder"]);
      done(added);
      holder = await openPage(browser, portal, { javaScript, width });
      await holder.goto(added.stdout.trim());
      await sound(holder);
      await fillIn(holder, { password: PASSWORD, password_again: PASSWORD });
      await holder.click("main button:not(.quiet)");
      await holder.waitForURL("**/dashboard");
      assert.deepEqual(await figures(holder), { approved: "0", waiting: "0", missing: "20", needed: "20" });
      const words = await holder.innerText("main");
      assert.ok(words.includes(longDate(moved(day(-60), 1, -1))), words);
      await sound(holder);
    });

    test("nonsense in the report form is answered beside each field, and nothing typed is lost", async () => {
      await holder.goto("/activities/new");
      await sound(holder);
      await fillIn(holder, {
        category: "attending", title: "", field: "information_security", completed_on: "the day after never", hours: "many",
        organiser: "An organiser with “quotes” & <b>signs</b>", evidence: { name: "proof.exe", mimeType: "application/pdf", buffer: Buffer.from("MZ nonsense") },
      });
      if (javaScript) {
        // the file is refused at once, and left out by the holder
        assert.match(await holder.innerText(".files .error"), /proof\.exe/);
        await holder.click('.files button:has-text("Leave it out")');
      }
      await Promise.all([holder.waitForResponse((r) => r.request().method() === "POST" && r.status() === 422 && /\/activities(\/\d+)?$/.test(r.url())), holder.click("button[value=submit]")]);
      await holder.waitForLoadState();
      assert.ok(await holder.locator(".error-summary").isVisible());
      for (const name of ["title", "completed_on", "hours", "not_regular_job"]) {
        const field = holder.locator(`main [name="${name}"]`).first();
        assert.equal(await field.getAttribute("aria-invalid"), "true", `${name} is not marked`);
        const about = (await field.getAttribute("aria-describedby")).split(" ").filter((id) => id.endsWith("-error"));
        assert.equal(about.length, 1, name);
        assert.ok((await holder.innerText(`#${about[0]}`)).length > 5, name);
        assert.equal(await holder.locator(`.error-summary a[href="#${name}"]`).count(), 1, `${name} is not in the summary`);
      }
      assert.equal(await holder.inputValue("[name=completed_on]"), "the day after never");
      assert.equal(await holder.inputValue("[name=hours]"), "many");
      assert.equal(await holder.inputValue("[name=organiser]"), "An organiser with “quotes” & <b>signs</b>");
      assert.ok(await holder.isChecked("[name=category][value=attending]"));
      if (!javaScript) assert.match(await holder.innerText("main"), /proof\.exe/);
      await sound(holder);
    });

    test("before submitting, the holder sees what the report will count for", async () => {
      await holder.goto("/activities/new");
      await fillIn(holder, {
        category: "attending", title, organiser: "First responders", field: "information_security", completed_on: longDate(day(-2)), hours: "3:30",
        not_regular_job: true, evidence: [pdf(`Certificate of attendance, ${mode}`), png()],
      });
      if (!javaScript) await holder.click("button[value=preview]");
      await holder.locator("#preview", { hasText: "3.50 credits" }).waitFor();
      await sound(holder);
      await holder.click("button[value=submit]");
      await holder.waitForURL(/\/activities\/\d+\/receipt$/);
      assert.match(await holder.innerText("main"), /16\.50 to go of 20/);
      await sound(holder);
      await toReport(holder);
      const files = await holder.locator(".files li a").allInnerTexts();
      assert.deepEqual(files.map((name) => name.trim()).sort(), ["Certificate of attendance.pdf", "Photo of the room.png"]);
      await sound(holder);
      await holder.goto("/dashboard");
      assert.deepEqual(await figures(holder), { approved: "0", waiting: "3.50", missing: "16.50", needed: "20" });
    });

    test("a reviewer returns it with a question", async () => {
      const reviewer = await signedIn(browser, portal, REVIEWER, { javaScript, width });
      await reviewer.goto("/staff/review");
      await sound(reviewer);
      await reviewer.click(`main a:has-text("${title}")`);
      const download = await reviewer.context().request.get(await reviewer.getAttribute('.files a:has-text("pdf")', "href"));
      assert.equal((await download.body()).toString("latin1").slice(0, 5), "%PDF-");
      await sound(reviewer);
      await fillIn(reviewer, { decision: "return", reason_code: "wrong_quantity", reason: "Did the breaks count?\nThe programme says four hours." });
      await reviewer.click("#decide");
      await reviewer.waitForLoadState();
      await sound(reviewer);
      await reviewer.context().close();
    });

    test("the holder reads the mail, follows its link, answers and sends the report again", async () => {
      const letter = await letterTo(portal, email, "returned");
      assert.match(letter.text, /Did the breaks count\?/);
      assert.match(letter.html, /Did the breaks count\?/);
      const link = links(letter.text).find((each) => each.includes("/activities/"));
      assert.ok(links(letter.html).includes(link), "text and HTML lead to the same place");
      await holder.goto(link);
      assert.match(await holder.innerText("main"), /Did the breaks count\?/);
      await sound(holder);
      await holder.click("main a:has-text('Change the report')");
      assert.equal(await holder.inputValue("[name=title]"), title);
      await fillIn(holder, { hours: "4", minutes: "" });
      await sound(holder);
      await holder.click("button[value=submit]");
      await holder.waitForURL(/\/activities\/\d+$/);
      await holder.goto("/dashboard");
      assert.deepEqual(await figures(holder), { approved: "0", waiting: "4", missing: "16", needed: "20" });
    });

    test("the reviewer approves, and the dashboard moves", async () => {
      const reviewer = await signedIn(browser, portal, REVIEWER, { javaScript, width });
      await reviewer.goto("/staff/review");
      await reviewer.click(`main a:has-text("${title}")`);
      await fillIn(reviewer, { decision: "approve" });
      await reviewer.click("#decide");
      await reviewer.waitForLoadState();
      await sound(reviewer);
      await reviewer.context().close();
      await letterTo(portal, email, "approved");
      await holder.goto("/dashboard");
      assert.deepEqual(await figures(holder), { approved: "4", waiting: "0", missing: "16", needed: "20" });
      for (const path of ["/activities", "/transcript", "/account", "/guide", "/advice"]) {
        await holder.goto(path);
        await sound(holder);
      }
      await holder.context().close();
    });

    test("a year that ended short is reminded and flagged; decided, the public page says withdrawn; reinstated, valid", async () => {
      const address = `short-${mode}@example.org`;
      assert.match((await letterTo(portal, address, "reminder")).text, /40\.00/);
      assert.match((await letterTo(portal, address, "flagged")).text, new RegExp(longDate(ENDED)));
      const visitor = await openPage(browser, portal, { javaScript, width });
      const verify = async (state) => {
        await visitor.goto("/verify");
        await fillIn(visitor, { number: `CISO-${mode}` });
        await visitor.click("main button:not(.quiet)");
        await visitor.waitForURL(/number=/);
        assert.match(await visitor.innerText("main"), state);
        await sound(visitor);
        return visitor.getAttribute('main a[href^="/badges/"]', "href");
      };
      const badge = async (path, state) => {
        await visitor.goto(path);
        assert.match(await visitor.innerText("main"), state);
        await sound(visitor);
      };
      const first = await verify(/valid/i);
      await badge(first, /valid/i);

      const staff = await signedIn(browser, portal, ADMINISTRATOR, { javaScript, width });
      await staff.goto("/staff/flagged");
      await sound(staff);
      await staff.click(`main a:has-text("CISO-${mode}")`);
      await sound(staff);
      const certificate = new URL(staff.url()).pathname;
      assert.match(certificate, /^\/staff\/certificates\/\d+$/);
      await staff.click('main a[href*="/decertification"]');
      await sound(staff);
      await staff.click("main button.danger");
      await staff.waitForLoadState();
      assert.ok(await staff.locator(".error-summary").isVisible(), "a decision needs a reason");
      await fillIn(staff, { reason: "No credits were reported, and no answer came." });
      // the letter about the flag may still be on its way
      const knows = staff.locator("#acknowledged");
      if (await knows.count()) await knows.check();
      await staff.check("#confirmed");
      await staff.click("main button.danger");
      await staff.waitForURL(`**${certificate}`);
      await sound(staff);

      assert.equal(await verify(/withdrawn/i), first);
      await badge(first, /withdrawn/i);
      assert.doesNotMatch(await visitor.innerText("main"), /no answer came/, "the reason is not public");
      assert.match((await letterTo(portal, address, "decertified")).text, /No credits were reported, and no answer came\./);

      await staff.goto(`${certificate}/reinstatement`);
      await fillIn(staff, { reason: "The reports came by post." });
      await staff.click("main form button:not(.quiet)");
      await staff.waitForURL(`**${certificate}`);
      await sound(staff);
      const second = await verify(/valid/i);
      assert.notEqual(second, first, "reinstatement gives a new badge");
      await badge(second, /valid/i);
      await badge(first, /withdrawn/i);
      await letterTo(portal, address, "reinstated");
      await staff.context().close();
      await visitor.context().close();
    });
  });
}
