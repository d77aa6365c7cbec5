// The pages as axe-core judges them, full, empty and after a refused form: WCAG 2.2 AA, in light and dark; and as wide as their window,
// from 320 pixels (1280 at 400 % zoom) on.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { judged } from "./judge.mjs";
import { addAccount, day, fillIn, signedIn } from "./people.mjs";
import { openPage } from "./portal.mjs";
import { browser, portal, stage } from "./stage.mjs";

const HOLDER = "holder@example.org";
const NEWCOMER = "newcomer@example.org";
const ADMINISTRATOR = "administrator@example.org";
// What nobody should have to type, and somebody does.
const LONG_NAME = "Maximiliana-Konstantina Wolkenstein-Hohenlohe-Langenburg-Schwarzenberg";
const LONG_TITLE = "Incident_response_in_practice_2026_final_FINAL_v3_reviewed_by_everybody_and_signed.pdf";

let invitation;

stage({
  prepare: async (run, _, bring) => {
    await bring(
      [
        "email,name,certification,certificate_number,granted_on",
        `${HOLDER},${LONG_NAME},ISP,ISP-1,${day(-60)}`,
        `${HOLDER},${LONG_NAME},CDPO,CDPO-2024-000-123-987-A,${day(-720)}`,
        `${HOLDER},${LONG_NAME},EHF,EHF-1,${day(-700)}`,
      ],
      "holders",
    );
    await bring(
      [
        "email,category,title,organiser,field,started_on,completed_on,quantity,publication,status",
        `${HOLDER},attending,${LONG_TITLE},Organiser,information_security,,${day(-3)},6,,submitted`,
        `${HOLDER},writing,A paper on passwords,Organiser,information_security,,${day(-5)},7,On passwords,approved`,
      ],
      "activities",
    );
    await addAccount(run, "holder", HOLDER, LONG_NAME);
    await addAccount(run, "administrator", ADMINISTRATOR, "Ada Administrator");
    await addAccount(run, "holder", NEWCOMER, "Nora Newcomer");
    const added = await run(["account", "add", "--email", "invited@example.org", "--name", "Ina Invited", "--role", "holder"]);
    invitation = new URL(added.stdout.trim()).pathname;
  },
});

/** The pages that a person's menu and lists lead to, one of each kind. */
async function places(page, start) {
  const found = new Map();
  const queue = [start];
  while (queue.length > 0) {
    const path = queue.shift();
    const kind = path.split("?")[0].replace(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g, "…");
    if (found.has(kind) || /\.csv$|^\/(evidence|static)|\/admin\/export\//.test(kind)) continue;
    found.set(kind, path);
    await page.goto(path);
    queue.push(...(await page.locator("a[href^='/']:not([download])").evaluateAll((all) => all.map((link) => link.getAttribute("href").split("#")[0]))));
  }
  return [...found.values()];
}

describe("every page", () => {
  for (const [who, start, least, email] of [
    ["nobody", "/", 5],
    ["a holder", "/dashboard", 10, HOLDER],
    ["an administrator", "/staff", 15, ADMINISTRATOR],
  ]) {
    test(`that ${who} is led to can be used by everybody`, async (t) => {
      const page = email ? await signedIn(browser, portal, email) : await openPage(browser, portal);
      const all = await places(page, start);
      assert.ok(all.length >= least, all.join(" "));
      for (const path of all) {
        await t.test(path, async () => {
          await page.goto(path);
          await judged(page, path);
        });
      }
      await page.context().close();
    });
  }

  /** Sends the form with a button as it stands, and waits for the refusal. */
  const refused = async (page, button = "main form .actions button:not(.quiet)") => {
    await page.locator(button).first().click();
    await page.locator(".error-summary").waitFor();
  };
  const nonsense = { title: "", subject: "", words: "", reason: "", completed_on: "never", started_on: "whenever", hours: "two", pages: "a few" };
  /** Fills in as much nonsense as a form has fields for. */
  const nonsensical = async (page, answers) => {
    for (const [name, answer] of Object.entries(answers)) {
      if (await page.locator(`main [name="${name}"]`).first().isVisible().catch(() => false)) await fillIn(page, { [name]: answer });
    }
  };

  test("that somebody without anything finds empty can be used by everybody", async (t) => {
    const page = await signedIn(browser, portal, NEWCOMER);
    for (const path of ["/dashboard", "/activities", "/activities/new", "/transcript", "/advice", "/precedents?q=nothing", "/no-such-page"]) {
      await t.test(path, async () => {
        await page.goto(path);
        await judged(page, path);
      });
    }
    await page.context().close();
  });

  test("that refuses a form of nobody can be used by everybody", async (t) => {
    const page = await openPage(browser, portal);
    const places = [
      ["/sign-in", { email: "nobody@example.org", password: "wrong" }],
      ["/password-reset", { email: "no address" }],
      ["/verify", { number: "" }],
      [invitation, { password: "short", password_again: "other" }],
    ];
    for (const [path, answers] of places) {
      await t.test(path.replace(/[^/]{20,}$/, "…"), async () => {
        await page.goto(path);
        await fillIn(page, answers);
        await refused(page);
        await judged(page, `refused ${path}`);
      });
    }
    for (const path of ["/verify?number=ISP-0", "/invitation/worn-out", "/password-reset/worn-out"]) {
      await t.test(path, async () => {
        await page.goto(path);
        await judged(page, path);
      });
    }
    await page.context().close();
  });

  test("that refuses a holder's form can be used by everybody", async (t) => {
    const page = await signedIn(browser, portal, HOLDER);
    await page.goto("/activities?status=approved");
    const approved = await page.locator("tbody a").first().getAttribute("href");
    const places = [
      ["/activities/new", { ...nonsense, category: "attending" }, "button[value=submit]"],
      ["/activities/new", { ...nonsense, category: "writing" }, "button[value=draft]"],
      ["/advice/question", { ...nonsense, category: "reading" }],
      ["/advice/new", nonsense],
      [`${approved}/correction`, nonsense],
      ["/account", { current_password: "wrong", password: "short", password_again: "other" }, 'form[action="/account/password"] button:not(.quiet)'],
    ];
    for (const [path, answers, button] of places) {
      await t.test(`${path} ${answers.category ?? ""}`, async () => {
        await page.goto(path);
        await nonsensical(page, answers);
        await refused(page, button);
        await judged(page, `refused ${path}`);
      });
    }
    await t.test("/activities?status=rejected", async () => {
      await page.goto("/activities?status=rejected");
      assert.match(await page.innerText("main"), /Nothing matches/);
      await judged(page, "nothing fits");
    });
    await t.test("a message without words", async () => {
      await page.goto("/advice/new");
      await fillIn(page, { subject: "A question", words: "How?" });
      await page.locator("main form button").first().click();
      await page.waitForURL(/\/advice\/\d+$/);
      await refused(page, 'form[action$="/messages"] button');
      await judged(page, "refused message");
    });
    await page.context().close();
  });
});
