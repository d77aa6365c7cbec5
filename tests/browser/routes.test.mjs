// No page is forgotten: every address that answers with a page is reached by the walks that judge pages, or is judged here.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { judged } from "./judge.mjs";
import { addAccount, signedIn } from "./people.mjs";
import { openPage, startPortal } from "./portal.mjs";
import { browser, portal, stage } from "./stage.mjs";
import { demoPage, kindOf, places, signIns } from "./walk.mjs";

/** Answers that are no page. */
const FILES = [
  "/badges/{id}.json", "/badges/{id}.png", "/badges/{id}.svg", "/badges/{id}/qr.svg", "/status/{number}", "/.well-known/did.json",
  "/achievements/{code}/image.png", "/ob2/issuer", "/ob2/badges/{code}", "/ob2/assertions/{id}", "/healthz", "/readyz", "/static/{name}",
  "/calendar/{token}.ics", "/evidence/{id}", "/certificates/{id}/certificate.pdf", "/staff/certificates/{id}/certificate.pdf",
  "/transcript.csv", "/admin/export/{file}", "/staff/board/figures.xlsx", "/admin/import/problems.csv", "/staff/search/suggestions", "/precedents/nearest", "/staff/activities/{id}/reading",
];
/** Answers that lead on to another page. */
const LEAD_ON = ["/staff/activities/{id}/next", "/staff/activities/{id}/previous"];
/** Somebody's proof in a frame, judged with the page around it. */
const FRAMES = ["/evidence/{id}/view"];
/** Pages that other tests judge, because they need an invitation, a mail, or an administrator before anything is there. */
const ELSEWHERE = ["/activities/{id}/receipt", "/invitation/{token}", "/password-reset/{token}", "/admin/setup"];

/** Pages that only some reports and certificates lead to. */
const SELDOM = [
  "/activities/{id}/edit", "/activities/{id}/withdrawal", "/activities/{id}/correction", "/activities/{id}/versions", "/staff/activities/{id}/same-event",
  "/staff/activities/{id}/versions", "/staff/certificates/{id}/decertification", "/staff/certificates/{id}/reinstatement", "/staff/certificates/{id}/waiver",
  "/staff/certificates/{id}/extension", "/staff/certificates/{id}/correction", "/staff/certificates/{id}/ending", "/admin/jobs/{name}", "/admin/jobs/deadlines/rehearsal",
];

/** Rows of the export of certificates. */
let certificates;

/** Reads them. */
async function ready() {
  const file = join(portal.data, "certificates.csv");
  assert.equal((await portal.run(["export", "certificates", "--format", "csv", file])).code, 0);
  const [head, ...rows] = (await readFile(file, "utf8")).replace(/^\uFEFF/, "").trim().split(/\r?\n/).map((line) => line.slice(1, -1).split('","'));
  certificates = rows.map((row) => Object.fromEntries(row.map((cell, n) => [head[n], cell])));
}

stage({ command: ["demo"], ready });

const pattern = (route) => new RegExp(`^${route.replace(/[.]/g, "\\.").replace(/\{\w+\}/g, "[^/]+")}(\\?.*)?$`);

async function open(page, path) {
  const answer = await page.goto(path);
  assert.ok(answer.status() < 400, `${path}: ${answer.status()}`);
  await judged(page, path);
}

describe("pages that no menu leads to can be used by everybody", () => {
  test("a badge for whoever is sent its address: in force, withdrawn, and one that never ends", async (t) => {
    const page = await openPage(browser, portal);
    const withBadge = certificates.filter((row) => row.badge);
    const chosen = [withBadge.find((row) => row.email === "anouk.devries@example.org"), withBadge.find((row) => row.email === "ali@example.org")];
    for (const { badge } of chosen) await t.test(badge, () => open(page, `/badges/${badge}`));
    await page.context().close();
  });

  test("what looking a certificate up says: stands, withdrawn, several, unknown", async (t) => {
    const page = await openPage(browser, portal);
    const withdrawn = certificates.find((row) => row.email === "fatima.benali@example.org");
    for (const number of [certificates[0].certificate_number, withdrawn.certificate_number, "nothing"]) {
      await t.test(number, () => open(page, `/verify?number=${encodeURIComponent(number)}`));
    }
    await page.context().close();
  });

  test("what reading a badge's file says: in order, withdrawn, changed, no badge at all", async (t) => {
    const page = await openPage(browser, portal);
    const { badge } = certificates.find((row) => row.email === "anouk.devries@example.org");
    const text = await (await fetch(`${portal.url}/badges/${badge}.json`)).text();
    const files = { good: text, changed: text.replace("Anouk", "Somebody"), nothing: "no badge" };
    for (const [name, content] of Object.entries(files)) {
      await t.test(name, async () => {
        const file = join(portal.data, `${name}.json`);
        await writeFile(file, content);
        await page.goto("/verify");
        await page.setInputFiles("input[type=file]", file);
        await page.locator("form:has(input[type=file]) button").click();
        await page.waitForLoadState("load");
        await judged(page, `/verify with a file: ${name}`);
      });
    }
    await page.context().close();
  });
});

test("the end of reporting can be used by everybody", async () => {
  const { email } = signIns(portal).filter(({ role }) => role === "holder")[2];
  const page = await demoPage(browser, portal, email);
  await page.goto("/activities?status=submitted");
  const report = await page.locator("tbody th a").first().getAttribute("href");
  await open(page, `${report}/receipt`);
  assert.match(await page.innerText("h1"), /Your report has been sent/);
  await page.context().close();
});

describe("mail held after a restore", () => {
  test("can be let go by everybody, and every page says that it is held", async () => {
    const saved = join(portal.data, "saved.zip");
    const backup = await portal.run(["backup", saved]);
    assert.equal(backup.code, 0, backup.stderr);
    const restored = await startPortal({
      prepare: async (run, data) => {
        const done = await run(["restore", saved]);
        assert.equal(done.code, 0, done.stdout + done.stderr + data);
        await addAccount(run, "administrator", "ada@example.org", "Ada Administrator");
      },
    });
    try {
      const page = await signedIn(browser, restored, "ada@example.org");
      for (const path of ["/staff", "/staff/mail", "/staff/mail/hold"]) await open(page, path);
      await page.context().close();
    } finally {
      await restored.stop();
    }
  });
});

test("no address with a page is forgotten", async (t) => {
  const { stdout } = await portal.run(["routes"]);
  const routes = stdout.trim().split("\n").map((line) => line.split(" ")).filter(([method]) => method === "GET").map(([, path]) => path);
  assert.ok(routes.length > 90, `${routes.length} addresses`);
  const reached = new Set(["/staff/mail/hold", `/badges/${certificates[0].badge}`]);
  const several = { "/activities/…": 8, "/certificates/…": 3, "/staff/activities/…": 16, "/staff/certificates/…": 16, "/staff/search": 2 };
  const holders = signIns(portal).filter(({ role }) => role === "holder").slice(0, 5);
  // an exact number leads to its certificate
  const withdrawn = certificates.find((row) => row.email === "fatima.benali@example.org");
  const administrator = ["/staff", "/staff/flagged", "/staff/review?show=returned", "/staff/search?q=an", "/staff/corrections", "/admin/held-flags", `/staff/search?q=${withdrawn.certificate_number}`];
  const walks = [[undefined, ["/", "/verify"]], ...holders.map(({ email }) => [email, ["/dashboard", "/activities"]]), [signIns(portal).find(({ role }) => role === "administrator").email, administrator]];
  for (const [email, starts] of walks) {
    const page = email ? await demoPage(browser, portal, email) : await openPage(browser, portal);
    for (const path of await places(page, starts, { several })) {
      // the other tests judge what every walk leads to; this one what only some reports and certificates lead to
      if (SELDOM.some((route) => pattern(route).test(path)) && ![...reached].some((other) => kindOf(other) === kindOf(path))) await t.test(path, () => open(page, path));
      reached.add(path);
    }
    await page.context().close();
  }
  const named = new Set([...FILES, ...LEAD_ON, ...FRAMES, ...ELSEWHERE]);
  for (const name of named) assert.ok(routes.includes(name), `there is no address ${name} any more`);
  const forgotten = routes.filter((route) => !named.has(route) && ![...reached].some((path) => pattern(route).test(path)));
  assert.deepEqual(forgotten, []);
});
