// A browser and a portal for all tests of a file, started before the first and ended after the last.
//
//   import { browser, portal, stage } from "./stage.mjs";
//   stage({ command: ["demo"] });                 // what startPortal takes

import { after, before } from "node:test";
import { startBrowser, startPortal } from "./portal.mjs";

/** Of the tests of this file; there once they run. */
export let browser;
export let portal;

/** Starts them with these options of `startPortal`. */
export function stage(options) {
  before(async () => {
    browser = await startBrowser();
    portal = await startPortal(options);
  });
  after(async () => {
    await browser?.close();
    await portal?.stop();
  });
}
