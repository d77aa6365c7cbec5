// The main pages as axe-core judges them: WCAG 2.2 AA, in light and dark, at both widths.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import AxeBuilder from "@axe-core/playwright";
import { addAccount, day, fillIn, signedIn } from "./people.mjs";
import { VIEWPORTS, openPage, overflow, startBrowser, startPortal } from "./portal.mjs";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const HOLDER = "holder@example.org";
const ADMINISTRATOR = "administrator@example.org";
// What nobody should have to type, and somebody does.
const LONG_NAME = "Maximiliana-Konstantina Wolkenstein-Hohenlohe-Langenburg-Schwarzenberg";
const LONG_TITLE = "Incident_response_in_practice_2026_final_FINAL_v3_reviewed_by_everybody_and_signed.pdf";

let portal;
let browser;

before(async () => {
  browser = await startBrowser();
  portal = await startPortal({
    prepare: async (run, data) => {
      const file = join(data, "import.csv");
      const written = async (rows, what) => {
        await writeFile(file, [...rows, ""].join("\n"));
        const { code, stdout, stderr } = await run(["import", what, file]);
        assert.equal(code, 0, stdout + stderr);
      };
      await written(
        [
          "email,name,certification,certificate_number,granted_on",
          `${HOLDER},${LONG_NAME},ISP,ISP-1,${day(-60)}`,
          `${HOLDER},${LONG_NAME},CDPO,CDPO-2024-000-123-987-A,${day(-720)}`,
          `${HOLDER},${LONG_NAME},EHF,EHF-1,${day(-700)}`,
        ],
        "holders",
      );
      await written(
        [
          "email,category,title,organiser,field,started_on,completed_on,quantity,publication,status",
          `${HOLDER},attending,${LONG_TITLE},Organiser,information_security,,${day(-3)},6,,submitted`,
          `${HOLDER},writing,A paper on passwords,Organiser,information_security,,${day(-5)},7,On passwords,approved`,
        ],
        "activities",
      );
      await addAccount(run, "holder", HOLDER, LONG_NAME);
      await addAccount(run, "administrator", ADMINISTRATOR, "Ada Administrator");
    },
  });
});

after(async () => {
  await browser?.close();
  await portal?.stop();
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
    queue.push(...(await page.locator("a[href^='/']").evaluateAll((all) => all.map((link) => link.getAttribute("href").split("#")[0]))));
  }
  return [...found.values()];
}

async function judged(page, path) {
  const looked = async (how) => {
    const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
    const words = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).slice(0, 3).join(" | ")}`);
    assert.deepEqual(words, [], `${path}, ${how}`);
  };
  await looked("wide, light");
  await page.setViewportSize(VIEWPORTS.narrow);
  await page.emulateMedia({ colorScheme: "dark" });
  await looked("narrow, dark");
  assert.equal(await overflow(page), 0, `${path} scrolls sideways`);
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(VIEWPORTS.wide);
  assert.deepEqual(page.faults, []);
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

  test("that shows a refused form can be used by everybody", async () => {
    const page = await signedIn(browser, portal, HOLDER);
    await page.goto("/activities/new");
    await fillIn(page, { category: "writing", completed_on: "never", pages: "a few" });
    await page.click("button[value=submit]");
    await page.locator(".error-summary").waitFor();
    await judged(page, "refused report");
    await page.context().close();
  });
});
