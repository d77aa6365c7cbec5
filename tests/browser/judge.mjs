// Judging an open page: axe-core at every size in light and dark, and nothing wider than its window.

import assert from "node:assert/strict";
import axe from "axe-core";
import { overflow } from "./portal.mjs";

/** WCAG 2.2 AA and what axe calls best practice. */
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** The sizes at which people look: a screen, a tablet, a phone. */
const SIZES = [
  { width: 1280, height: 900 },
  { width: 768, height: 1024 },
  { width: 390, height: 844 },
];
/** A screen of 1280 by 900 enlarged four times. */
const ENLARGED = { width: 320, height: 225 };

/** What axe finds, a line for each. A file shown in a frame is somebody's proof and no page of ours. */
async function violations(page, runOnly) {
  const found = await page.evaluate((options) => globalThis.axe.run(document, options), { runOnly, iframes: false, resultTypes: ["violations"] });
  return found.violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).slice(0, 3).join(" | ")}`);
}

/**
 * Judges the page that is open, at every size in both colour schemes. Colours are all that the dark scheme changes, so there axe looks at
 * those; in the light one at everything.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} about said when something is wrong
 */
export async function judged(page, about) {
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.evaluate(axe.source);
  for (const size of SIZES) {
    await page.setViewportSize(size);
    assert.equal(await overflow(page), 0, `${about} scrolls sideways at ${size.width} pixels`);
    assert.deepEqual(await violations(page, TAGS), [], `${about}, ${size.width} pixels, light`);
    await page.emulateMedia({ colorScheme: "dark" });
    assert.deepEqual(await violations(page, { type: "rule", values: ["color-contrast"] }), [], `${about}, ${size.width} pixels, dark`);
    await page.emulateMedia({ colorScheme: "light" });
  }
  await page.setViewportSize(ENLARGED);
  assert.equal(await overflow(page), 0, `${about} scrolls sideways when it is enlarged four times`);
  await page.setViewportSize(SIZES[0]);
  assert.deepEqual(page.faults, [], about);
}
