// The pictures in README.md, taken anew from a demonstration: node tests/browser/pictures.mjs
//
// A holder's dashboard, and a report under review beside the list, as WebP, into tests/browser/pictures/. For a picture of every page there is
// screenshots.mjs.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { signIns, signedIn } from "./people.mjs";
import { startBrowser, startPortal } from "./portal.mjs";

const FOLDER = fileURLToPath(new URL("pictures/", import.meta.url));
/** Of the encoder, 0 to 100: letters stay clean, and a picture stays below the most that one may weigh. */
const QUALITY = 80;
const MOST_BYTES = 120 * 1024;

const portal = await startPortal({ command: ["demo"], env: { CPE_PORTAL_BODY: "Institute for Information Security" } });
const browser = await startBrowser();
await mkdir(FOLDER, { recursive: true });

const holder = await pageOf("holder");
await holder.goto("/dashboard");
await take(holder, "dashboard");

const reviewer = await pageOf("reviewer");
await reviewer.goto("/staff/review");
const reports = await reviewer.locator("main tbody th a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
for (const report of reports) {
  await reviewer.goto(report);
  // one whose proof is a picture shows most of the page
  if ((await reviewer.locator("main img[src^='/evidence/']").count()) === 0) continue;
  await reviewer.goto(`/staff/review?report=${/\d+/.exec(report)[0]}`);
  await reviewer.waitForLoadState("networkidle");
  break;
}
await take(reviewer, "review");

await browser.close();
await portal.stop();

/** A page on which the first person of the demonstration with this role has signed in. */
function pageOf(role) {
  const { email, password } = signIns(portal).find((person) => person.role === role);
  return signedIn(browser, portal, email, { password });
}

async function take(page, name) {
  await page.waitForLoadState("networkidle");
  const { data } = await (await page.context().newCDPSession(page)).send("Page.captureScreenshot", { format: "webp", quality: QUALITY });
  const bytes = Buffer.from(data, "base64");
  if (bytes.length > MOST_BYTES) throw new Error(`${name} weighs ${bytes.length} bytes, more than ${MOST_BYTES}`);
  await writeFile(join(FOLDER, `${name}.webp`), bytes);
  console.log(`${name}.webp: ${bytes.length} bytes`);
}
