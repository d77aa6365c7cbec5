// Pictures of every page of a demonstration portal, at both widths, in light and dark: node tests/browser/screenshots.mjs
//
// The pages are found by following links from each person's first page; a picture is taken of the first page of every
// route (and of the first few where they differ much), into tests/browser/screenshots/. Routes that no link leads to
// are named at the end. `--light` leaves dark ones out, `--only=holder,nobody` everybody else.

import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { letterTo, links } from "./letters.mjs";
import { addAccount, day, fillIn, moved, signIns, signedIn } from "./people.mjs";
import { VIEWPORTS, openPage, startBrowser, startPortal } from "./portal.mjs";

const FOLDER = fileURLToPath(new URL("screenshots/", import.meta.url));
const DARK = !process.argv.includes("--light");
const ONLY = process.argv.find((word) => word.startsWith("--only="))?.slice("--only=".length).split(",");
/** Pages that are printed. */
const PRINTED = ["/transcript", "/certificates/{id}"];
const WITHOUT_PICTURE = /^\/(healthz|readyz|static|evidence)|\.csv$|\.xlsx$|\/admin\/export\/|credential|status/;
/** Of these, more than one is worth seeing. */
const SEVERAL = { "/dashboard": 8, "/staff/certificates/{id}": 8, "/staff/activities/{id}": 3, "/activities/{id}": 4, "/certificates/{id}": 3, "/badges/{id}": 3 };

const portal = await startPortal({ command: ["demo"], env: { CPE_PORTAL_BODY: "Institute for Information Security" } });
const browser = await startBrowser();
const routes = await readRoutes();
const pictures = new Map();
let taken = 0;
await rm(FOLDER, { recursive: true, force: true });
await mkdir(FOLDER, { recursive: true });

const people = fewOf(signIns(portal));
console.log(people.map(({ role, email }) => `${role} ${email}`).join("\n"));
if (wanted("nobody")) await crawl(undefined, ["/", "/guide", "/verify", "/sign-in", "/password-reset", "/no-such-page", "/invitation/worn-out"]);
for (const person of people) await crawl(person, person.role === "holder" ? ["/dashboard"] : [...(await staffPlaces(person)), "/staff"]);
await forms();
if (wanted("administrator")) await heldFlags();

const missing = routes.filter((route) => !WITHOUT_PICTURE.test(route) && !pictures.has(route));
console.log(`${taken} pictures in ${FOLDER}`);
if (missing.length > 0) console.log(`No link leads to: ${missing.join(", ")}`);
await browser.close();
await portal.stop();

async function readRoutes() {
  const { stdout } = await portal.run(["routes"]);
  return stdout.split("\n").filter((line) => line.startsWith("GET ")).map((line) => line.split(" ")[1]);
}

/** Everybody of the staff, and as many holders as have different situations to show. */
function fewOf(all) {
  const holders = all.filter(({ role }) => role === "holder").slice(0, SEVERAL["/dashboard"]);
  return [...all.filter(({ role }) => role !== "holder"), ...holders].filter(({ role }) => wanted(role));
}

function wanted(role) {
  return !ONLY || ONLY.includes(role);
}

function routeOf(path) {
  const parts = path.split("/");
  const fits = (route) => {
    const own = route.split("/");
    return own.length === parts.length && own.every((part, i) => part.startsWith("{") || part === parts[i]);
  };
  return routes.find((route) => route === path) ?? routes.find(fits);
}

async function crawl(person, starts) {
  const page = person ? await signedInAs(person) : await openPage(browser, portal);
  const seen = new Set(starts);
  const queue = [...starts];
  const own = new Map();
  while (queue.length > 0) {
    const path = queue.shift();
    const route = routeOf(path.split("?")[0]);
    const key = `${path.includes("?") ? "query " : ""}${route ?? path}`;
    if (route && WITHOUT_PICTURE.test(route)) continue;
    const wanted = SEVERAL[route] ?? 1;
    if ((own.get(key) ?? 0) >= wanted || (route === "/guide" && person)) continue;
    own.set(key, (own.get(key) ?? 0) + 1);
    const answer = await page.goto(path).catch(() => undefined);
    if (!answer) continue;
    if (answer.status() >= 400 && route && path !== "/invitation/worn-out") console.log(`${answer.status()} ${path} (${person?.role ?? "nobody"})`);
    const hrefs = await page.locator("a[href^='/']").evaluateAll((links) => links.map((link) => link.getAttribute("href").split("#")[0]));
    for (const href of hrefs) {
      if (!seen.has(href)) {
        seen.add(href);
        queue.push(href);
      }
    }
    const times = pictures.get(route ?? path) ?? 0;
    if (times >= wanted + (path.includes("?") ? 1 : 0)) continue;
    pictures.set(route ?? path, times + 1);
    const name = `${person?.role ?? "nobody"}${(route ?? path).replace(/[^a-z]+/g, "-")}${times || ""}`;
    await picture(page, name);
    if (PRINTED.includes(route)) await printed(page, name);
  }
  await page.context().close();
}

async function signedInAs(person) {
  const page = await openPage(browser, portal);
  await page.goto("/sign-in");
  await fillIn(page, { email: person.email, password: person.password });
  await page.click("main button:not(.quiet)");
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  return page;
}

/** Pages of staff that depend on finding the right thing first: decisions, an event that several report, a search, a conversation. */
async function staffPlaces(person) {
  const page = await signedInAs(person);
  const hrefs = async (path, selector) => {
    await page.goto(path);
    return page.locator(selector).evaluateAll((all) => all.map((link) => link.getAttribute("href").split("#")[0]));
  };
  const found = ["/staff/search?q=an", "/staff/review?show=returned", ...(await hrefs("/staff/advice", "main tbody th a")).slice(0, 1)];
  const certificates = await hrefs("/staff/flagged", "main tbody th a");
  // one that ended can be reinstated
  for (let [list] = ["/staff/holders"]; list; ) {
    certificates.push(...(await hrefs(list, "main p.line:has(.tag.bad) a[href^='/staff/certificates/']")));
    list = await page.locator(".pagination [rel=next]").getAttribute("href", { timeout: 500 }).catch(() => undefined);
  }
  const kinds = new Map();
  for (const certificate of certificates) {
    for (const href of await hrefs(certificate, "main a:is([href*='/decertification'], [href*='/waiver'], [href*='/extension'], [href*='/reinstatement'], [href$='/correction'], [href$='/ending'])")) {
      kinds.set(href.split("/").pop().split("?")[0], href);
    }
  }
  for (const report of await hrefs("/staff/review", "main tbody th a")) {
    const [event] = await hrefs(report, "main a[href$='/same-event']");
    if (event) {
      kinds.set("same-event", event);
      break;
    }
  }
  await page.context().close();
  return [...found, ...certificates.slice(0, 2), ...kinds.values()];
}

/** What an administrator sees when a run would have flagged unusually many: a small portal of its own, in which nobody reported anything. */
async function heldFlags() {
  const held = await startPortal({
    prepare: async (run, data) => {
      const granted = moved(day(-40), -1, 1);
      const rows = Array.from({ length: 12 }, (_, n) => `holder${n}@example.org,Holder ${n + 1},ISP,ISP-${n + 1},${granted}`);
      await writeFile(join(data, "holders.csv"), ["email,name,certification,certificate_number,granted_on", ...rows, ""].join("\n"));
      await run(["import", "holders", join(data, "holders.csv"), "--as-of", day(-60)]);
      await run(["deadlines"]);
      await addAccount(run, "administrator", "administrator@example.org", "Ada Administrator");
    },
  });
  const page = await signedIn(browser, held, "administrator@example.org");
  for (const path of ["/admin/held-flags", "/admin/jobs", "/staff/flagged", "/staff"]) {
    await page.goto(path);
    pictures.set(path, 1);
    await picture(page, `held${path.replace(/[^a-z]+/g, "-")}`);
  }
  await page.context().close();
  await held.stop();
}

/** Forms as they look after nonsense, and the report form with its look ahead. */
async function forms() {
  const holder = people.find(({ role }) => role === "holder");
  if (!holder) return;
  const page = await openPage(browser, portal);
  await page.goto("/sign-in");
  await fillIn(page, { email: "nobody@example.org", password: "wrong" });
  await page.click("main button:not(.quiet)");
  await picture(page, "form-sign-in-refused");
  await fillIn(page, { email: holder.email, password: holder.password });
  await page.click("main button:not(.quiet)");
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  await page.goto("/activities/new");
  await page.click("button[value=submit]");
  await page.waitForLoadState();
  await picture(page, "form-report-refused");
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/Amsterdam" }).format(new Date());
  await fillIn(page, { category: "attending", title: "Webinar", field: "information_security", completed_on: today, hours: "2:30" });
  await page.waitForTimeout(1_000);
  await picture(page, "form-report-look-ahead");
  await page.context().close();
  await reset(holder);
}

/** The page that the link in a mail leads to. */
async function reset(holder) {
  const page = await openPage(browser, portal);
  await page.goto("/password-reset");
  await fillIn(page, { email: holder.email });
  await page.click("main button:not(.quiet)");
  await page.waitForLoadState();
  await picture(page, "form-password-reset-sent");
  const letter = await letterTo(portal, holder.email, "password-reset");
  await page.goto(links(letter.text).find((link) => link.includes("/password-reset/")));
  pictures.set("/password-reset/{token}", 1);
  await picture(page, "nobody-password-reset-token");
  await page.context().close();
}

/** As it comes out of a printer, on a sheet of A4. */
async function printed(page, name) {
  await page.setViewportSize({ width: 794, height: 1123 });
  await page.emulateMedia({ media: "print", colorScheme: "light" });
  await page.screenshot({ path: join(FOLDER, `${name}-print.png`), fullPage: true });
  taken += 1;
  await page.emulateMedia({ media: "screen" });
  await page.setViewportSize(VIEWPORTS.wide);
}

async function picture(page, name) {
  for (const [width, viewport] of Object.entries(VIEWPORTS)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of DARK ? ["light", "dark"] : ["light"]) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(FOLDER, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      taken += 1;
    }
  }
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (over > 0) console.log(`${name} is ${over} pixels too wide`);
  if (page.faults.length > 0) console.log(`${name}: ${page.faults.splice(0).join("; ")}`);
  await page.setViewportSize(VIEWPORTS.wide);
}
