// A portal of its own for each test, and a browser to look at it with.
//
//   const portal = await startPortal();            // release binary, empty data folder, free port
//   const browser = await startBrowser();
//   const page = await openPage(browser, portal, { javaScript: false, width: "narrow" });
//   …
//   await browser.close();
//   await portal.stop();

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const ROOT = resolve(fileURLToPath(import.meta.url), "../../..");
const BINARY =
  process.env.CPE_PORTAL_BINARY ??
  join(resolve(ROOT, process.env.CARGO_TARGET_DIR ?? "target"), "release", "cpe-portal");
const CHROMIUM = process.env.CPE_PORTAL_CHROMIUM ?? "/usr/bin/chromium";

/** The two widths at which every page must look right. */
export const VIEWPORTS = { wide: { width: 1280, height: 900 }, narrow: { width: 390, height: 844 } };

/** How long the portal may take until it answers, in milliseconds. */
const PATIENCE = 60_000;

/**
 * Starts the portal on an empty temporary data folder and a free port, and waits until it answers.
 *
 * @param {object} [options]
 * @param {string[]} [options.command] the command to run: `["serve"]`, or for example `["demo"]`
 * @param {Record<string, string>} [options.env] further settings, such as CPE_PORTAL_BODY
 * @param {(run: (args: string[], input?: string) => Promise<{ code: number, stdout: string, stderr: string }>, data:
 *   string, bring: (rows: string[], what: "holders" | "activities", ...more: string[]) => Promise<void>) => Promise<void>} [options.prepare]
 *   what happens to the data before the portal serves it: commands, and rows (their head first) that are imported
 * @param {boolean} [options.live] whether mails to holders leave
 */
export async function startPortal({ command = ["serve"], env = {}, prepare, live = true } = {}) {
  const data = await mkdtemp(join(tmpdir(), "cpe-portal-"));
  const listen = `127.0.0.1:${await freePort()}`;
  const settings = { ...ownEnvironment(), CPE_PORTAL_DATA: data, CPE_PORTAL_LISTEN: listen, CPE_PORTAL_UNDO_SECONDS: "0", ...env };
  if (prepare) await prepare((args, input) => run(args, settings, input), data, (rows, what, ...more) => bring(settings, data, rows, what, more));
  // a new portal holds mails to holders until it goes live, as these have
  if (live && command[0] === "serve") await run(["live", "on"], settings);
  const server = spawn(BINARY, command, { env: settings, stdio: ["ignore", "pipe", "pipe"] });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"]) {
    server[stream].setEncoding("utf8").on("data", (text) => (said[stream] += text));
  }
  let failure;
  server.on("error", (error) => (failure = error));
  const ended = () => failure !== undefined || server.exitCode !== null || server.signalCode !== null;

  const portal = {
    url: `http://${listen}`,
    data,
    /** What the portal has written so far: { stdout, stderr }. */
    said,
    /** Runs another command of the portal on the same data, such as `account add`. */
    run: (args, input = "") => run(args, settings, input),
    /** The raw mails delivered into the data folder so far, oldest first. */
    mails: () => mails(data),
    /** Ends the portal and removes its data. */
    async stop() {
      if (!ended()) {
        server.kill("SIGTERM");
        const given_up = setTimeout(() => server.kill("SIGKILL"), 10_000);
        await once(server, "exit");
        clearTimeout(given_up);
      }
      await rm(data, { recursive: true, force: true });
    },
  };

  const deadline = Date.now() + PATIENCE;
  while (!(await answers(`${portal.url}/healthz`))) {
    if (ended() || Date.now() > deadline) {
      const reason = failure?.message ?? (ended() ? `it ended (${server.exitCode ?? server.signalCode})` : "no answer");
      await portal.stop();
      throw new Error(`The portal did not start: ${reason}\n${said.stdout}${said.stderr}`);
    }
    await new Promise((wake) => setTimeout(wake, 50));
  }
  return portal;
}

/**
 * Starts Chromium: without a sandbox, as tests also run as root, and without its own errands on the network.
 *
 * A browser that cannot be started says nothing about the portal, so it gets a second chance, and that is told.
 */
export async function startBrowser() {
  try {
    return await launch();
  } catch (error) {
    process.stderr.write(`Chromium did not start, it is tried once more: ${error.message}\n`);
    await new Promise((wake) => setTimeout(wake, 2_000));
    return launch();
  }
}

function launch() {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-default-apps",
      "--disable-sync",
      "--no-first-run",
    ],
  });
}

/**
 * Opens a page in a fresh context, with its own cookies.
 *
 * `page.faults` collects what must not happen on any page: errors in scripts, refused by the content security policy
 * or otherwise, and requests to anywhere but the portal. Check it with `assert.deepEqual(page.faults, [])`.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {{ url: string }} portal
 * @param {object} [options]
 * @param {boolean} [options.javaScript] whether scripts run
 * @param {"wide" | "narrow"} [options.width] 1280 or 390 pixels
 */
export async function openPage(browser, portal, { javaScript = true, width = "wide" } = {}) {
  const context = await browser.newContext({
    baseURL: portal.url,
    javaScriptEnabled: javaScript,
    viewport: VIEWPORTS[width],
    locale: "en-GB",
    timezoneId: "Europe/Amsterdam",
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(`script error: ${error.message}`));
  page.on("console", (message) => {
    // Chromium also logs each answer of 400 and above here; a form shown again with 422 is no fault.
    const answered = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !answered) page.faults.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    // chrome: and chrome-extension: are the browser's own viewer of PDF documents
    const own = ["data:", "blob:", "about:", "chrome:", "chrome-extension:"];
    if (origin !== portal.url && !own.includes(protocol)) {
      page.faults.push(`request to ${request.url()}`);
    }
  });
  return page;
}

/** By how many pixels the page is wider than its window: 0 on every page, as tables scroll inside themselves. */
export function overflow(page) {
  // a page that is only just arriving has no root yet: a locator waits for it
  return page.locator(":root").evaluate((root) => root.scrollWidth - root.clientWidth);
}

/** Runs a command to its end: { code, stdout, stderr }. */
async function run(args, env, input = "") {
  const child = spawn(BINARY, args, { env, stdio: ["pipe", "pipe", "pipe"] });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"]) {
    child[stream].setEncoding("utf8").on("data", (text) => (said[stream] += text));
  }
  child.stdin.on("error", () => {}); // A command that reads nothing closes its input first.
  child.stdin.end(input);
  const [code] = await once(child, "close");
  return { code, ...said };
}

/** Imports rows, the first of them their head. */
async function bring(settings, data, rows, what, more) {
  const file = join(data, "import.csv");
  await writeFile(file, [...rows, ""].join("\n"));
  const { code, stdout, stderr } = await run(["import", what, file, ...more], settings);
  await rm(file);
  if (code !== 0) throw new Error(`The rows could not be imported: ${stdout}${stderr}`);
}

async function mails(data) {
  const folder = join(data, "mail");
  const names = await readdir(folder).catch(() => []);
  const saved = names.filter((name) => name.endsWith(".eml")).sort();
  return Promise.all(saved.map((name) => readFile(join(folder, name), "utf8")));
}

/** The environment without settings of a portal that the person running the tests may have. */
function ownEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("CPE_PORTAL_")));
}

async function answers(url) {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
}

async function freePort() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
