// Going through the portal as a person's menus and lists lead.

import { fillIn } from "./people.mjs";
import { openPage } from "./portal.mjs";

/** What a page is one of: its address without numbers and questions. */
export function kindOf(path) {
  return path.split("?")[0].replace(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/g, "…");
}

/**
 * The pages that menus and lists lead to from `starts`, one of each kind; of the kinds in `several` (such as
 * `{ "/staff/activities/…": 3 }`) so many. `wanted` may leave out kinds.
 */
export async function places(page, starts, { several = {}, wanted = () => true } = {}) {
  const found = new Map();
  const seen = new Set();
  const queue = [...starts];
  while (queue.length > 0) {
    const path = queue.shift();
    const kind = kindOf(path);
    if (seen.has(path) || !wanted(kind) || /\.csv$|^\/(evidence|static)|\/admin\/export\//.test(kind)) continue;
    seen.add(path);
    const sisters = found.get(kind) ?? [];
    if (sisters.length >= (several[kind] ?? 1)) continue;
    found.set(kind, [...sisters, path]);
    await page.goto(path);
    queue.push(...(await page.locator("a[href^='/']:not([download])").evaluateAll((all) => all.map((link) => link.getAttribute("href").split("#")[0]))));
  }
  return [...found.values()].flat();
}

/** Who can sign in to a demonstration portal: [{ role, email, password }]. */
export function signIns(portal) {
  const lines = portal.said.stdout.split("\n").map((line) => /^\s*(holder|reviewer|administrator)\s+(\S+@\S+)\s+(.*?)\s*$/.exec(line));
  return lines.filter(Boolean).map(([, role, email, rest]) => ({ role, email, password: rest.split(/\s{2,}|\t/)[0] }));
}

/** Opens a page on which the first person with this role (or with this address) is signed in to a demonstration portal. */
export async function demoPage(browser, portal, role, options) {
  const person = signIns(portal).find((one) => one.role === role || one.email === role);
  const page = await openPage(browser, portal, options);
  await page.goto("/sign-in");
  await fillIn(page, { email: person.email, password: person.password });
  await page.click("main button:not(.quiet)");
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  return page;
}
