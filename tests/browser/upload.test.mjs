// Evidence on a slow line: it is on its way as soon as it is chosen, says how far it is, and nothing is sent twice.

import assert from "node:assert/strict";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { addAccount, day, fillIn, pdf, PASSWORD, signedIn, toReport } from "./people.mjs";
import { browser, portal, stage } from "./stage.mjs";

const HOLDER = "paula@example.org";

/** 800 kbit/s in both directions. */
const SLOW = { offline: false, latency: 40, downloadThroughput: 100_000, uploadThroughput: 100_000 };
const FAST = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 };

/** A JPEG of 12 megapixels and 3.6 MB, as a telephone makes it. */
let photo;

stage({
  prepare: async (run, _, bring) => {
    await bring(["email,name,certification,certificate_number,granted_on", `${HOLDER},Paula Photo,ISP,ISP-1,${day(-60)}`], "holders");
    await addAccount(run, "holder", HOLDER, "Paula Photo");
  },
  ready: async () => {
    photo = await picture();
    assert.ok(photo.length > 3_500_000 && photo.length < 3_700_000, `${photo.length} bytes`);
  },
});

/** Draws something with detail at every scale, and looks for the quality that makes it 3.6 MB. */
async function picture() {
  const page = await browser.newPage();
  const base64 = await page.evaluate(async () => {
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d");
    [canvas.width, canvas.height] = [4032, 3024];
    for (const cells of [24, 120, 600]) {
      const noise = document.createElement("canvas");
      [noise.width, noise.height] = [cells * 4, cells * 3];
      const dots = noise.getContext("2d");
      const grains = dots.createImageData(noise.width, noise.height);
      for (let at = 0; at < grains.data.length; at += 1) grains.data[at] = at % 4 === 3 ? 90 : Math.random() * 256;
      dots.putImageData(grains, 0, 0);
      pen.drawImage(noise, 0, 0, canvas.width, canvas.height);
    }
    let [low, high, best] = [0.2, 1, null];
    for (let tries = 0; tries < 12 && !(best?.size > 3_550_000 && best.size < 3_650_000); tries += 1) {
      const quality = (low + high) / 2;
      best = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
      if (best.size > 3_600_000) high = quality; else low = quality;
    }
    const bytes = new Uint8Array(await best.arrayBuffer());
    let text = "";
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(text);
  });
  await page.close();
  return Buffer.from(base64, "base64");
}

const jpeg = (name, buffer = photo) => ({ name, mimeType: "image/jpeg", buffer });

/** The same picture, held upright by its camera: it is to be turned to the right when it is shown. */
function turned() {
  const tiff = Buffer.from("4d4d002a000000080001011200030000000100060000" + "00000000", "hex");
  const exif = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff]);
  const head = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
  return Buffer.concat([photo.subarray(0, 2), head, exif, photo.subarray(2)]);
}

/** Width and height that a JPEG says it has. */
function sides(bytes) {
  for (let at = 2; at < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const mark = bytes[at + 1];
    if (mark >= 0xc0 && mark <= 0xc2) return [bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5)];
  }
  throw new Error("no JPEG");
}

/** A page with a line whose speed can be changed, and what it has sent. */
async function opened(path, options = {}, at = portal) {
  const page = await signedIn(browser, at, HOLDER, options);
  const line = await page.context().newCDPSession(page);
  await line.send("Network.enable");
  page.on("dialog", (dialog) => dialog.accept());
  await page.goto(path);
  const sent = [];
  page.on("request", (request) => { if (request.method() === "POST") sent.push(new URL(request.url()).pathname); });
  const uploads = () => sent.filter((address) => address.endsWith("/evidence")).length;
  return { page, sent, uploads, speed: (speed) => line.send("Network.emulateNetworkConditions", speed) };
}

/** A line to the portal that can be cut: { url, cut, mend, close }. */
async function cable() {
  const ends = new Set();
  let whole = true;
  const server = createServer((near) => {
    if (!whole) { near.destroy(); return; }
    const far = connect(Number(new URL(portal.url).port), "127.0.0.1");
    for (const [end, other] of [[near, far], [far, near]]) {
      ends.add(end);
      end.on("error", () => {}).on("close", () => { ends.delete(end); other.destroy(); });
    }
    near.pipe(far).pipe(near);
  });
  await new Promise((listens) => server.listen(0, "127.0.0.1", listens));
  const cut = () => { whole = false; for (const end of ends) end.destroy(); };
  return { url: `http://127.0.0.1:${server.address().port}`, cut, mend: () => { whole = true; }, close: () => { cut(); server.close(); } };
}

/** The stored bytes of a report's only file. */
async function stored(page) {
  const hrefs = await page.locator("main ul.files a[download], main ul.files a[href^='/evidence/']").evaluateAll((links) => [...new Set(links.map((link) => link.getAttribute("href").replace("/view", "")))]);
  assert.equal(hrefs.length, 1, hrefs.join());
  const answer = await page.context().request.get(hrefs[0]);
  assert.equal(answer.status(), 200);
  return answer.body();
}

const REPORT = { category: "attending", field: "it_security", completed_on: "yesterday", hours: "2", not_regular_job: true };

describe("on a slow line", { concurrency: false }, () => {
  test("a photo of 3.6 MB shows within two seconds how far it is, its form waits for it, and a second tap sends nothing more", async (t) => {
    const { page, sent, uploads, speed } = await opened("/activities/new", { width: "narrow" });
    await fillIn(page, { ...REPORT, title: "A photographed conference" });
    await page.check("text=Send pictures in their original size");
    await speed(SLOW);
    const begun = performance.now();
    await page.setInputFiles("#evidence", jpeg("hall.jpg"));
    const row = page.locator(".files li", { hasText: "hall.jpg" });
    await row.locator("text=/\\d\\.\\d of 3\\.6 MB, \\d+ %/").waitFor();
    const shown = performance.now() - begun;
    t.diagnostic(`progress is shown after ${Math.round(shown)} ms`);
    assert.ok(shown < 2000, `progress is shown after ${Math.round(shown)} ms`);
    const button = page.locator("main form button[value=submit]");
    // as a finger does it, which does not look whether a button is busy
    const tap = (target) => target.click({ force: true, noWaitAfter: true });
    await tap(button);
    assert.match(await button.innerText(), /^Sending …( \d+ %)?$/);
    // the button is busy as long as bytes move, and no tap on any button begins anew
    const far = async () => Number(/(\d+) %/.exec(await row.locator(".size").innerText())?.[1] ?? 100);
    let before = await far();
    while (performance.now() - begun < 14_000) {
      await tap(button);
      await tap(page.locator("main form button[value=draft]"));
      assert.equal(await button.getAttribute("aria-busy"), "true");
      await page.waitForTimeout(2000);
      assert.match(await button.innerText(), /^Sending … \d+ %$/);
      const now = await far();
      assert.ok(now > before, `${now} % after ${before} %`);
      before = now;
    }
    await page.waitForURL(/\/activities\/\d+\/receipt$/, { timeout: 60_000 });
    t.diagnostic(`the report is there after ${Math.round((performance.now() - begun) / 1000)} s`);
    await speed(FAST);
    assert.match(await page.innerText("main"), /Your report has been sent/);
    assert.equal(uploads(), 1, sent.join());
    assert.equal(sent.filter((address) => /^\/activities(\/\d+)?$/.test(address)).length, 1, sent.join());
    await toReport(page);
    assert.ok((await stored(page)).equals(photo), "the original is there, byte for byte");
    await page.goto("/activities");
    assert.equal(await page.locator("main tbody tr", { hasText: "A photographed conference" }).count(), 1);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });

  test("a connection that is cut in the middle is told of, nothing is left of it, and the file need not be chosen again", async () => {
    const wire = await cable();
    const { page, uploads, speed } = await opened("/activities/new", { width: "narrow" }, wire);
    await speed(SLOW);
    const whole = Buffer.concat([pdf("A long programme").buffer, Buffer.alloc(2_000_000, " ")]);
    await page.setInputFiles("#evidence", { name: "programme.pdf", mimeType: "application/pdf", buffer: whole });
    const row = page.locator(".files li", { hasText: "programme.pdf" });
    await row.locator("text=/0\\.[2-9] of 2\\.0 MB/").waitFor();
    wire.cut();
    await row.locator(".error").waitFor();
    assert.match(await row.innerText(), /has not been uploaded: there is no connection/);
    assert.equal(await page.inputValue("input[name=activity]"), "0", "no draft was made");
    // sending does not lose it either: the form stays, and says where it stands
    await fillIn(page, { ...REPORT, title: "A report on a train" });
    await page.click("main form button[value=submit]");
    await row.locator("button", { hasText: "Try again" }).and(page.locator(":focus")).waitFor();
    assert.equal(new URL(page.url()).pathname.startsWith("/activities"), true);
    assert.equal(await page.locator("main form button[value=submit]").getAttribute("aria-busy"), null);
    await speed(FAST);
    wire.mend();
    await row.locator("button", { hasText: "Try again" }).click();
    await row.locator("button", { hasText: "Remove" }).waitFor();
    assert.ok(uploads() >= 2);
    await page.click("main form button[value=submit]");
    await toReport(page);
    assert.ok((await stored(page)).equals(whole));
    assert.deepEqual(page.faults, []);
    await page.context().close();
    wire.close();
  });

  test("a second press of a form without files sends nothing, and its button is there again for whoever comes back", async () => {
    const { page, sent, speed } = await opened("/advice/new");
    await fillIn(page, { subject: "Podcasts", words: "Do they count?" });
    await speed({ ...SLOW, latency: 1500 });
    const button = page.locator("main form .actions button");
    const said = await button.evaluate((pressed) => {
      pressed.click();
      pressed.click();
      pressed.form.requestSubmit();
      return [pressed.textContent, pressed.getAttribute("aria-busy")];
    });
    assert.deepEqual(said, ["Sending …", "true"]);
    await page.waitForURL(/\/advice\/\d+$/);
    assert.deepEqual(sent, ["/advice"]);
    await speed(FAST);
    await page.goBack();
    assert.equal(await page.locator("main form .actions button").innerText(), "Send");
    assert.equal(await page.locator("main form .actions button").getAttribute("aria-busy"), null);
    await page.context().close();
  });
});

describe("pictures", { concurrency: false }, () => {
  test("a large picture is made smaller, upright, and whoever wants the original sent ticks it", async (t) => {
    const { page } = await opened("/activities/new");
    await fillIn(page, { ...REPORT, title: "A large picture" });
    const rows = page.locator(".files li");
    const upright = turned();
    await page.setInputFiles("#evidence", jpeg("upright.jpeg", upright));
    await rows.filter({ hasText: "made smaller from 3.6 MB" }).waitFor();
    t.diagnostic(await rows.innerText());
    const leave = page.locator("main form a", { hasText: "Leave it as a draft" });
    await leave.waitFor();
    const edit = page.url();
    const report = edit.replace("/edit", "");
    await page.goto(report);
    const small = await stored(page);
    assert.deepEqual(sides(small), [1875, 2500], "turned as it is shown");
    assert.ok(small.length < photo.length);
    // another one, and both are wanted as they are
    await page.goto(edit);
    await rows.locator("button", { hasText: "Remove" }).click();
    await rows.first().waitFor({ state: "detached" });
    await page.setInputFiles("#evidence", jpeg("hall.jpg"));
    await rows.filter({ hasText: "made smaller" }).waitFor();
    await page.check("text=Send pictures in their original size");
    await rows.filter({ hasText: "3.6 MB", hasNotText: "smaller" }).locator("button", { hasText: "Remove" }).waitFor();
    assert.equal(await rows.count(), 1);
    await page.goto(report);
    assert.ok((await stored(page)).equals(photo), "byte for byte");
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });

  test("a small picture and what is no picture go as they are", async () => {
    const { page } = await opened("/activities/new");
    const small = await page.evaluate(async () => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [800, 600];
      canvas.getContext("2d").fillRect(10, 10, 300, 300);
      const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
      return Array.from(new Uint8Array(await blob.arrayBuffer()));
    });
    await page.setInputFiles("#evidence", { name: "small.png", mimeType: "image/png", buffer: Buffer.from(small) });
    await page.locator(".files li button", { hasText: "Remove" }).waitFor();
    assert.doesNotMatch(await page.innerText(".files"), /made smaller/);
    await page.goto(page.url().replace("/edit", ""));
    assert.ok((await stored(page)).equals(Buffer.from(small)));
    await page.context().close();
  });
});

describe("what is refused", { concurrency: false }, () => {
  test("a file that is too large, one of no accepted kind and an eleventh are named beside the field, the first before a byte is sent", async () => {
    const { page, sent, uploads } = await opened("/activities/new", { width: "narrow" });
    const large = { name: "film.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(15 * 1024 * 1024 + 1, " ") };
    await page.setInputFiles("#evidence", large);
    const field = page.locator(".field", { has: page.locator("#evidence") });
    await field.locator(".error", { hasText: "“film.pdf” is larger than 15 MB." }).waitFor();
    await page.waitForTimeout(300);
    assert.deepEqual(sent.filter((address) => address.includes("evidence")), []);
    // it is not left out unseen
    await fillIn(page, { ...REPORT, title: "A report with a film" });
    await page.click("main form button[value=submit]");
    const out = field.locator("button", { hasText: "Leave it out" });
    await out.and(page.locator(":focus")).waitFor();
    await out.click();
    await field.locator(".error").waitFor({ state: "detached" });
    await page.setInputFiles("#evidence", { name: "run.exe", mimeType: "application/octet-stream", buffer: Buffer.from("MZ\x90\0\x03\0\0\0", "latin1") });
    await field.locator(".error", { hasText: "“run.exe”" }).waitFor();
    assert.equal(uploads(), 1);
    await out.click();
    const many = Array.from({ length: 11 }, (_, at) => ({ name: `page ${at}.pdf`, mimeType: "application/pdf", buffer: Buffer.from(`%PDF-1.4\n%${at}\n%%EOF\n`) }));
    await page.setInputFiles("#evidence", many);
    await field.locator(".error", { hasText: "“page 10.pdf” is one too many" }).waitFor();
    await page.waitForFunction(() => document.querySelectorAll(".files li[data-file]").length === 10);
    assert.equal(uploads(), 11);
    await out.click();
    await page.click("main form button[value=submit]");
    await toReport(page);
    assert.match(await page.innerText("main"), /page 9\.pdf/);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
});

test("a file for a message waits for it, and what was chosen and removed again does not come with it", async () => {
  const { page, uploads } = await opened("/advice/new");
  await fillIn(page, { subject: "A programme", words: "Does it count?" });
  await page.setInputFiles("#evidence", [pdf("One"), { ...pdf("Two"), name: "two.pdf" }]);
  const rows = page.locator(".files li");
  await rows.filter({ hasText: "two.pdf" }).locator("button", { hasText: "Remove" }).click();
  assert.equal(await rows.count(), 1);
  await page.click("main form .actions button");
  await page.waitForURL(/\/advice\/\d+$/);
  assert.equal(uploads(), 2);
  assert.match(await page.innerText(".messages"), /Certificate of attendance\.pdf/);
  assert.doesNotMatch(await page.innerText(".messages"), /two\.pdf/);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test("whoever was signed out meanwhile finds the file again with the form", async () => {
  const { page } = await opened("/activities/new");
  await fillIn(page, { ...REPORT, title: "A long day" });
  await page.locator("[data-saved]", { hasText: "Saved as a draft" }).waitFor();
  const elsewhere = await signedIn(browser, portal, HOLDER);
  await elsewhere.goto("/account");
  await elsewhere.locator("button", { hasText: "Sign out everywhere else" }).click();
  await elsewhere.locator("[role=status]").first().waitFor();
  await elsewhere.context().close();
  await page.setInputFiles("#evidence", jpeg("late.jpg"));
  await page.locator(".files .error", { hasText: "you have been signed out" }).waitFor();
  await page.click("main form button[value=submit]");
  await page.waitForURL("**/sign-in?**");
  await fillIn(page, { email: HOLDER, password: PASSWORD });
  await page.click("main button:not(.quiet)");
  await page.waitForURL(/parked=/);
  assert.equal(await page.inputValue("[name=title]"), "A long day");
  assert.match(await page.innerText("main form"), /late\.jpg/);
  await page.click("main form button[value=submit]");
  await toReport(page);
  assert.match(await page.innerText("main"), /late\.jpg/);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});
