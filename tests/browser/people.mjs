// What people do in the journeys: sign in, fill in the report form, read their dashboard.

import assert from "node:assert/strict";
import { openPage } from "./portal.mjs";

export const PASSWORD = "copper kettle over nine harbours";

const DAY = 86_400_000;

/** The portal's today (Europe/Amsterdam) moved by some days, as the commands write it: "2027-03-14". */
export function day(offset = 0) {
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/Amsterdam" }).format(new Date());
  return new Date(Date.parse(`${today}T12:00:00Z`) + offset * DAY).toISOString().slice(0, 10);
}

/** A day as the pages write it: "14 March 2027". */
export function longDate(iso) {
  const form = { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" };
  return new Intl.DateTimeFormat("en-GB", form).format(Date.parse(`${iso}T12:00:00Z`));
}

/** A day moved by whole years and then by days. */
export function moved(iso, years, days = 0) {
  const at = new Date(`${iso}T12:00:00Z`);
  const month = at.getUTCMonth();
  at.setUTCFullYear(at.getUTCFullYear() + years);
  if (at.getUTCMonth() !== month) at.setUTCDate(0); // 29 February becomes the 28th.
  return new Date(at.getTime() + days * DAY).toISOString().slice(0, 10);
}

/** Adds an account with a password by the command, as whoever sets a portal up does. */
export async function addAccount(run, role, email, name) {
  const done = await run(["account", "add", "--email", email, "--name", name, "--role", role, "--password-stdin"], PASSWORD);
  assert.equal(done.code, 0, done.stderr);
}

/** The sign-ins that a demonstration prints: role, address, password. */
export function signIns(portal) {
  const lines = portal.said.stdout.split("\n").map((line) => /^\s*(holder|reviewer|administrator)\s+(\S+@\S+)\s+(.*?)\s*$/.exec(line));
  return lines.filter(Boolean).map(([, role, email, rest]) => ({ role, email, password: rest.split(/\s{2,}|\t/)[0] }));
}

/** Opens a page and signs somebody in on it. */
export async function signedIn(browser, portal, email, options = {}) {
  const page = await openPage(browser, portal, options);
  await page.goto("/sign-in");
  await page.fill("[name=email]", email);
  await page.fill("[name=password]", options.password ?? PASSWORD);
  await page.click("main button:not(.quiet)");
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  return page;
}

/** Types answers into a form: texts, one of several radio buttons, an option of a list, a tick, or files. */
export async function fillIn(page, answers) {
  for (const [name, answer] of Object.entries(answers)) {
    const field = page.locator(`main [name="${name}"]`);
    const kind = await field.first().evaluate((element) => element.type);
    if (kind === "radio") await page.check(`main [name="${name}"][value="${answer}"]`);
    else if (kind === "checkbox") await field.setChecked(answer);
    else if (kind === "file") await field.setInputFiles(answer);
    else if (kind === "select-one") await field.selectOption(answer);
    else await field.fill(answer);
  }
}

/** From the end of reporting on to the page of the report. */
export async function toReport(page) {
  await page.waitForURL(/\/activities\/\d+\/receipt$/);
  await page.click("main a:has-text('See the report')");
  await page.waitForURL(/\/activities\/\d+$/);
}

/** The four figures of a progress bar: { approved, waiting, missing, needed }; what waits is left out where nothing does. */
export async function figures(page, index = 0) {
  const said = await page.locator(".legend").nth(index).locator("li:not(.pace)").allInnerTexts();
  const [approved, ...rest] = said.map((words) => words.match(/[\d.]+/g));
  const [missing, needed] = rest.at(-1);
  return { approved: approved[0], waiting: rest.length > 1 ? rest[0][0] : "0", missing, needed };
}

/** A real PDF with one line of text. */
export function pdf(text) {
  const content = `BT /F1 18 Tf 40 100 Td (${text}) Tj ET`;
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  ];
  let file = "%PDF-1.4\n";
  const starts = objects.map((object, index) => {
    const start = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return start;
  });
  const table = file.length;
  const rows = starts.map((start) => `${String(start).padStart(10, "0")} 00000 n \n`).join("");
  file += `xref\n0 6\n0000000000 65535 f \n${rows}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`;
  return { name: "Certificate of attendance.pdf", mimeType: "application/pdf", buffer: Buffer.from(file, "latin1") };
}

/** A real PNG of one pixel. */
export function png() {
  const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  return { name: "Photo of the room.png", mimeType: "image/png", buffer: Buffer.from(pixel, "base64") };
}
