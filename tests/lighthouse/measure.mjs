// Lighthouse's figures for the pages where people spend their time, on a desktop and on a phone: the middle one of three looks.
//
//   cd tests/lighthouse && npm ci --prefix ../browser && npm ci && node measure.mjs
//
// Uses the release binary and Chromium as the browser tests do (CPE_PORTAL_BINARY, CPE_PORTAL_CHROMIUM). Ends with 1 when a figure is
// below 98.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signedIn } from "../badges/asked.mjs";
import { startPortal } from "../browser/portal.mjs";
import lighthouse, { desktopConfig } from "lighthouse";

const LEAST = 98;
const LOOKS = 3;
const TRIES = 4;
const KINDS = ["performance", "accessibility", "best-practices"];
/** What strangers find is also looked at as a search engine would; the others ask not to be found. */
const FOUND = [...KINDS, "seo"];

/** A browser of its own for one look: its predecessor's tabs cannot be in the way. */
async function browser() {
  const profile = await mkdtemp(join(tmpdir(), "lighthouse-"));
  const options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-port=0", `--user-data-dir=${profile}`];
  const child = spawn(process.env.CPE_PORTAL_CHROMIUM ?? "/usr/bin/chromium", [...options, "about:blank"], { stdio: "ignore" });
  const ended = new Promise((end) => child.on("exit", end));
  for (let tried = 0; ; tried += 1) {
    const said = await readFile(join(profile, "DevToolsActivePort"), "utf8").catch(() => "");
    if (said.includes("\n")) {
      const stop = async () => {
        child.kill("SIGKILL");
        await ended;
        await rm(profile, { recursive: true, force: true, maxRetries: 5 });
      };
      return { port: Number(said.split("\n")[0]), stop };
    }
    if (tried > 300) throw new Error("Chromium does not start");
    await new Promise((wake) => setTimeout(wake, 100));
  }
}

/** A look; another one when the tool itself stumbled (a trace without a beginning, a browser that does not answer). */
async function look(url, device, kinds, cookie) {
  for (let tried = 1; ; tried += 1) {
    try {
      return await once(url, device, kinds, cookie);
    } catch (error) {
      console.error(`${url} on ${device}: ${error.message}`);
      if (tried === TRIES) throw error;
    }
  }
}

async function once(url, device, kinds, cookie) {
  const { port, stop } = await browser();
  try {
    const flags = { port, onlyCategories: kinds, logLevel: "error", output: "json", ...(cookie && { extraHeaders: { Cookie: cookie } }) };
    const { lhr } = await lighthouse(url, flags, device === "desktop" ? desktopConfig : undefined);
    if (lhr.runtimeError) throw new Error(`${url}: ${lhr.runtimeError.message}`);
    if (new URL(lhr.finalDisplayedUrl).pathname !== new URL(url).pathname) throw new Error(`${url} led to ${lhr.finalDisplayedUrl}`);
    return kinds.map((kind) => Math.round(lhr.categories[kind].score * 100));
  } finally {
    await stop();
  }
}

const portal = await startPortal({ command: ["demo"] });
let low = false;
try {
  const people = Object.fromEntries(
    portal.said.stdout.split("\n").map((line) => line.split(" ")).filter(([, email]) => /@/.test(email ?? "")).map(([, email, password]) => [email, password]),
  );
  const cookieOf = async (email) => (await signedIn(portal, email, people[email])).cookie();
  const holder = await cookieOf("anouk.devries@example.org");
  const reviewer = await cookieOf("noor.elamrani@example.org");
  const queue = await (await fetch(`${portal.url}/staff/review`, { headers: { cookie: reviewer } })).text();
  const [review] = queue.match(/\/staff\/activities\/\d+/);
  const asHolder = async (path) => (await fetch(`${portal.url}${path}`, { headers: { cookie: holder } })).text();
  const [certificate] = (await asHolder("/dashboard")).match(/\/certificates\/\d+/);
  const [badge] = (await asHolder(certificate)).match(/\/badges\/[0-9a-f-]{36}/);
  console.log(`| page | device | ${FOUND.join(" | ")} |\n|---|---|---|---|---|---|`);
  const pages = [
    ["sign in", "/sign-in", FOUND],
    ["verify", "/verify", FOUND],
    ["badge", badge, FOUND],
    ["dashboard", "/dashboard", KINDS, holder],
    ["activities", "/activities", KINDS, holder],
    ["new activity", "/activities/new", KINDS, holder],
    ["overview", "/staff", KINDS, reviewer],
    ["queue", "/staff/review", KINDS, reviewer],
    ["review", review, KINDS, reviewer],
  ];
  for (const [name, path, kinds, cookie] of pages) {
    for (const device of ["desktop", "mobile"]) {
      const looks = [];
      for (let nth = 0; nth < LOOKS; nth += 1) looks.push(await look(`${portal.url}${path}`, device, kinds, cookie));
      const middle = kinds.map((_, kind) => looks.map((scores) => scores[kind]).sort((a, b) => a - b)[Math.floor(LOOKS / 2)]);
      low ||= middle.some((score) => score < LEAST);
      console.log(`| ${name} | ${device} | ${FOUND.map((_, kind) => middle[kind] ?? "").join(" | ")} |`);
    }
  }
} finally {
  await portal.stop();
}
process.exit(low ? 1 : 0);
