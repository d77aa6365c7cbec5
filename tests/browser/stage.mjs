// A browser and a portal for all tests of a file, started before the first and ended after the last.
//
//   import { browser, portal, stage } from "./stage.mjs";
//   stage({ command: ["demo"] });                 // what startPortal takes

import { after, before } from "node:test";
import { startBrowser, startPortal } from "./portal.mjs";

/** Of the tests of this file; there once they run. */
export let browser;
export let portal;

/** Starts them with these options of `startPortal`, and then does what is `ready` to be done with both: another hook would not wait for this one. */
export function stage({ ready, ...options } = {}) {
  before(async () => {
    browser = await startBrowser();
    portal = await startPortal(options);
    await ready?.();
  });
  after(async () => {
    await browser?.close();
    await portal?.stop();
  });
}
