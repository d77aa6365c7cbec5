// One's own account: its place in the menu, passwords that can be looked at, devices, and the calendar's address.

import assert from "node:assert/strict";
import { test } from "node:test";
import { judged } from "./judge.mjs";
import { PASSWORD, addAccount, day, signedIn } from "./people.mjs";
import { openPage, overflow } from "./portal.mjs";
import { browser, portal, stage } from "./stage.mjs";

const HOLDER = "holder@example.org";
const REVIEWER = "reviewer@example.org";
const NAMES = { [HOLDER]: "Maria Magdalena van Oldenbarnevelt-Wiśniewska", [REVIEWER]: "Rita Reviewer" };

stage({
  prepare: async (run, _, bring) => {
    const row = `${HOLDER},${NAMES[HOLDER]},ISP,ISP-1,${day(-60)}`;
    await bring(["email,name,certification,certificate_number,granted_on", row], "holders");
    await addAccount(run, "holder", HOLDER, NAMES[HOLDER]);
    await addAccount(run, "reviewer", REVIEWER, NAMES[REVIEWER]);
  },
});

for (const email of [HOLDER, REVIEWER]) {
  for (const width of ["wide", "narrow"]) {
    test(`${email} finds the account in the menu and reads who is signed in, ${width}`, async () => {
      const page = await signedIn(browser, portal, email, { width });
      const link = page.locator("header").getByRole("link", { name: "Account", exact: true });
      const name = page.locator("header").getByText(NAMES[email]);
      if (width === "narrow") {
        assert.ok(!(await link.isVisible()));
        await page.click(".menu summary");
      }
      assert.ok(await name.isVisible());
      const box = await name.boundingBox();
      assert.ok(box.width > 60 && box.x >= 0 && box.x + box.width <= page.viewportSize().width, JSON.stringify(box));
      assert.equal(await link.getAttribute("aria-current"), null);
      assert.ok((await link.boundingBox()).height >= 24);
      await link.click();
      await page.waitForURL("**/account");
      if (width === "narrow") await page.click(".menu summary");
      assert.equal(await link.getAttribute("aria-current"), "page");
      assert.equal(await page.locator("header [aria-current=page]").count(), 1, "nothing else is marked");
      assert.equal(await overflow(page), 0);
      await judged(page, `account ${width}`);
      assert.deepEqual(page.faults, []);
      await page.context().close();
    });
  }
}

test("a password is shown as long as somebody wants to see it, and is sent as a password", async () => {
  const page = await openPage(browser, portal);
  await page.goto("/sign-in");
  const field = page.locator("[name=password]");
  const show = page.getByRole("button", { name: "Show password: Password" });
  const before = await field.evaluate((input) => [input.autocomplete, input.name, input.id]);
  await page.fill("[name=email]", HOLDER);
  await field.click();
  await page.keyboard.type("not the password");
  assert.equal(await show.getAttribute("aria-pressed"), "false");
  await page.keyboard.press("Tab");
  assert.ok(await show.evaluate((button) => button === document.activeElement), "the next stop after the field");
  await page.keyboard.press("Space");
  assert.equal(await field.getAttribute("type"), "text");
  assert.equal(await show.getAttribute("aria-pressed"), "true");
  assert.equal(await field.inputValue(), "not the password");
  assert.deepEqual(await field.evaluate((input) => [input.autocomplete, input.name, input.id]), before);
  assert.equal(new URL(page.url()).pathname, "/sign-in", "the button sends nothing");
  await page.keyboard.press("Space");
  assert.equal(await field.getAttribute("type"), "password");
  await page.keyboard.press("Space");
  await page.evaluate(() => document.addEventListener("submit", () => localStorage.setItem("sent as", document.querySelector("[name=password]").type)));
  await field.press("Enter");
  await page.waitForURL("**/sign-in");
  await page.locator(".error-summary").waitFor();
  assert.equal(await page.evaluate(() => localStorage.getItem("sent as")), "password");
  assert.equal(await page.locator("[name=password]").getAttribute("type"), "password", "hidden again on the page that comes back");
  await judged(page, "sign-in that was refused");
  await page.context().close();
});

test("every password of the account can be looked at, each by itself", async () => {
  const page = await signedIn(browser, portal, HOLDER, { width: "narrow" });
  await page.goto("/account");
  const fields = await page.locator("input[type=password]").count();
  assert.equal(fields, 3);
  assert.equal(await page.getByRole("button", { name: /^Show password: / }).count(), fields);
  await page.getByRole("button", { name: "Show password: New password" }).click();
  assert.deepEqual(await page.locator("#current_password, #password, #password_again").evaluateAll((all) => all.map((input) => input.type)), ["password", "text", "password"]);
  assert.equal(await overflow(page), 0);
  await judged(page, "a password that is shown");
  await page.context().close();
});

test("without JavaScript a password is a password, and nothing pretends otherwise", async () => {
  const page = await openPage(browser, portal, { javaScript: false });
  await page.goto("/sign-in");
  assert.equal(await page.locator("[name=password]").getAttribute("type"), "password");
  assert.equal(await page.locator("main button").count(), 1);
  await page.context().close();
});

test("a holder stays signed in on a device for thirty days, and staff do not", async () => {
  for (const [email, days] of [[HOLDER, 30], [REVIEWER, undefined]]) {
    const page = await openPage(browser, portal);
    await page.goto("/sign-in");
    await page.fill("[name=email]", email);
    await page.fill("[name=password]", PASSWORD);
    await page.getByLabel("Keep me signed in on this device").check();
    await page.click("main button:not(.quiet)");
    await page.waitForURL((url) => url.pathname !== "/sign-in");
    const cookie = (await page.context().cookies()).find(({ name }) => name === "session");
    assert.ok(cookie.httpOnly && cookie.sameSite === "Lax");
    if (days === undefined) assert.equal(cookie.expires, -1, "it ends with the browser");
    else assert.ok(Math.abs(cookie.expires - Date.now() / 1000 - days * 86_400) < 120, `${cookie.expires}`);
    await page.context().close();
  }
});

test("another device is told apart and signed out from here", async () => {
  const phone = await signedIn(browser, portal, REVIEWER, { width: "narrow" });
  const page = await signedIn(browser, portal, REVIEWER);
  await page.goto("/account");
  const rows = page.locator("tbody tr");
  assert.ok((await rows.count()) >= 2);
  assert.match(await rows.first().innerText(), /Chrome on .*This device/s);
  await page.getByRole("button", { name: "Sign out everywhere else" }).click();
  await page.getByText("You are signed out everywhere else.").waitFor();
  assert.equal(await page.locator("tbody tr").count(), 1);
  await phone.goto("/account");
  assert.equal(new URL(phone.url()).pathname, "/sign-in");
  await phone.context().close();
  await page.context().close();
});

for (const width of ["wide", "narrow"]) {
  test(`the calendar's address is copied, and the page can be opened again, ${width}`, async () => {
    const page = await signedIn(browser, portal, HOLDER, { width });
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.goto("/account");
    await page.click('form[action="/account/calendar"] button');
    await page.waitForURL("**/account/calendar");
    const address = await page.inputValue("#calendar-address");
    await page.getByRole("button", { name: "Copy the address" }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), address);
    assert.equal(await page.getByRole("link", { name: "Subscribe" }).getAttribute("href"), address.replace(/^https?:/, "webcal:"));
    const feed = await (await fetch(address.replace(/^https?:\/\/[^/]+/, portal.url))).text();
    assert.match(feed, /BEGIN:VALARM\r\nACTION:DISPLAY\r\n/);
    assert.equal(await overflow(page), 0);
    await judged(page, `calendar address ${width}`);
    const answer = await page.goto(page.url());
    assert.equal(answer.status(), 200);
    assert.equal(new URL(page.url()).pathname, "/account");
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}
