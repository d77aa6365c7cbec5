// Badges of the running portal, asked of verifiers that others wrote: what is valid verifies everywhere; what is not fails
// everywhere, each for its stated reason.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { startPortal } from "../browser/portal.mjs";
import * as asked from "./asked.mjs";
import { HERE, ORIGIN } from "./asked.mjs";
import { publicOrigin, signWith, verifiers } from "./verifiers.mjs";

const FIRST_KEY = new RegExp(/key-\d{4}-1/);

let portal;
let origin;
/** Rows of the export: certificates with their badge. */
let certificates;
let people;

before(async () => {
  portal = await startPortal({ command: ["demo"], env: { CPE_PORTAL_URL: ORIGIN, CPE_PORTAL_CONTACT: "advice@example.org" } });
  origin = publicOrigin(ORIGIN, portal.url);
  const file = join(portal.data, "certificates.csv");
  const { code, stderr } = await portal.run(["export", "certificates", "--format", "csv", file]);
  assert.equal(code, 0, stderr);
  const [head, ...rows] = (await readFile(file, "utf8")).replace(/^\uFEFF/, "").trim().split(/\r?\n/).map((line) => line.slice(1, -1).split('","'));
  certificates = rows.map((row) => Object.fromEntries(row.map((cell, n) => [head[n], cell])));
  people = Object.fromEntries(
    portal.said.stdout.split("\n").filter((line) => /^\w+ \S+@\S+ \S+$/.test(line)).map((line) => line.split(" ").slice(1)),
  );
});

after(() => portal?.stop());

const get = async (path, accept = "application/json") => fetch(`${ORIGIN}${path}`, { headers: { accept } });
const badge = async (id) => (await get(`/badges/${id}`)).json();
const certificateOf = (email) => certificates.find((row) => row.email === email);

const python = (kind, ...args) => asked.python(portal, kind, ...args);

async function files(id) {
  const paths = [];
  for (const kind of ["png", "svg", "json"]) {
    const path = join(portal.data, `${id}.${kind}`);
    await writeFile(path, Buffer.from(await (await get(`/badges/${id}.${kind}`)).arrayBuffer()));
    paths.push(path);
  }
  return paths;
}

/** Every verifier finds this reason. */
async function fails(document, reasons) {
  const path = join(portal.data, "bad.json");
  await writeFile(path, JSON.stringify(document));
  assert.match((await verifiers.dcc(document)).join("\n"), reasons.dcc, "dcc");
  assert.match((await verifiers.bazaar(document)).join("\n"), reasons.bazaar, "bazaar");
  if (reasons.python) assert.match((await python(3, path)).join("\n"), reasons.python, "openbadgeslib");
}

async function verifies(id) {
  const document = await badge(id);
  assert.deepEqual(await verifiers.dcc(document), [], "dcc");
  assert.deepEqual(await verifiers.bazaar(document), [], "bazaar");
  assert.deepEqual(await python(3, `${ORIGIN}/badges/${id}`, ...(await files(id))), ["OK", "OK", "OK", "OK"]);
  return document;
}

describe("a badge", () => {
  test("fits the schema of 1EdTech", { skip: process.env.CPE_PORTAL_OB3_SCHEMA ? false : "set CPE_PORTAL_OB3_SCHEMA to 1EdTech's JSON schema file to have it checked, too" }, async () => {
    assert.deepEqual(await verifiers.dcc(await badge(certificateOf("ali@example.org").badge)), []);
  });

  test("verifies everywhere: renewed, in a field of its own, reinstated, and one that never ends", async () => {
    const chosen = ["anouk.devries@example.org", "wang.xiaoming@example.org", "lukasz.zolkiewski@example.org", "ali@example.org"];
    for (const email of chosen) {
      const document = await verifies(certificateOf(email).badge);
      assert.equal(document.credentialSubject.id, undefined, "no subject id");
      assert.equal("validUntil" in document, email !== "ali@example.org");
    }
  });

  test("says nothing of its holder but name and number, for the whole body", async () => {
    const addresses = new Set(certificates.map((row) => row.email));
    for (const row of certificates.filter((row) => row.badge)) {
      const text = await (await get(`/badges/${row.badge}`)).text();
      assert.ok(!/@|sha256\$|"hashed":true/.test(text.replaceAll('"@context"', "")), text);
      assert.ok(![...addresses].some((address) => text.includes(address)));
    }
  });

  test("fails when it was revoked", async () => {
    const database = join(portal.data, "portal.sqlite");
    const question = "select id from badges where revoked_on is not null order by valid_until desc limit 1";
    const id = await asked.runPython(`import sqlite3,sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])`, database, question);
    const revoked = await badge(id);
    await fails(revoked, { dcc: /revocation_status: false/, bazaar: /status revocation is set|validUntil/, python: /revo|expired/i });
    assert.equal((await get(`/badges/${id}.png`)).status, 410);
  });

  test("fails within a second of the decision that ends its certificate", async () => {
    const [, email] = portal.said.stdout.match(/^administrator (\S+)/m);
    const admin = await asked.signedIn(portal, email, people[email]);
    const flagged = await (await admin.send("/staff/flagged")).text();
    const flaggedOnes = [...new Set(flagged.match(/\/staff\/certificates\/\d+/g))];
    const lines = "import sqlite3,sys; print(sqlite3.connect(sys.argv[1]).execute('select id from badges where certificate_id = ? and revoked_on is null', (sys.argv[2],)).fetchone()[0])";
    for (const shown of flaggedOnes) {
      const [path] = (await (await admin.send(shown)).text()).match(/\/staff\/certificates\/\d+\/decertification[^"]*/) ?? [];
      if (!path) continue; // its notice period is running
      const page = await (await admin.send(path.replaceAll(/&(amp|#38);/g, "&"))).text();
      const [, action, certificate] = page.match(/action="(\/staff\/certificates\/(\d+)\/decertification)"/) ?? [];
      if (!action) continue; // not to be decided yet
      const id = await asked.runPython(lines, join(portal.data, "portal.sqlite"), certificate);
      const valid = await badge(id);
      assert.deepEqual(await verifiers.dcc(valid), [], "it verifies until then");
      const hidden = (name) => page.match(new RegExp(`name="${name}" value="([^"]*)"`))[1];
      const fields = { csrf_token: hidden("csrf_token"), version: hidden("version"), year: hidden("year"), reason: "Too few credits, no answer.", acknowledged: "1", confirmed: "1" };
      const answer = await admin.send(action, fields);
      const decided = performance.now();
      assert.equal(answer.status, 303, await answer.text());
      const reasons = await verifiers.dcc(valid);
      const took = performance.now() - decided;
      assert.match(reasons.join("\n"), /revocation_status: false/);
      assert.ok(took < 1000, `${took} ms`);
      await fails(await badge(id), { dcc: /revocation_status: false/, bazaar: /status revocation is set/, python: /revo/i });
      return;
    }
    assert.fail(`no year of the demonstration can be decided: ${flaggedOnes}`);
  });

  test("fails when its words or its proof were changed", async () => {
    const good = await badge(certificateOf("anouk.devries@example.org").badge);
    const name = structuredClone(good);
    name.credentialSubject.identifier[0].identityHash = "Somebody Else";
    const longer = { ...good, validUntil: "2099-01-01T00:00:00Z" };
    for (const bad of [name, longer]) {
      await fails(bad, { dcc: /signature/i, bazaar: /Invalid signature/, python: /signature/i });
    }
  });

  test("fails when its time has passed", async () => {
    const seed = await currentSeed();
    const good = await badge(certificateOf("anouk.devries@example.org").badge);
    const past = { ...good, validFrom: "2020-01-01T00:00:00Z", validUntil: "2021-01-01T00:00:00Z" };
    const signed = await signWith(seed.bytes, seed.method, past);
    await fails(signed, { dcc: /expiration/, bazaar: /validUntil/, python: /expired/i });
  });

  test("fails when somebody else signed it", async () => {
    const good = await badge(certificateOf("anouk.devries@example.org").badge);
    const seed = await currentSeed();
    const signed = await signWith(new Uint8Array(32).fill(7), seed.method, good);
    await fails(signed, { dcc: /signature/i, bazaar: /Invalid signature/, python: /signature/i });
  });

  test("fails when its list is forged, missing or stale", async () => {
    const good = await badge(certificateOf("anouk.devries@example.org").badge);
    const address = good.credentialStatus.statusListCredential;
    const list = await (await get(new URL(address).pathname)).json();
    const seed = await currentSeed();
    const as = (document) => () => new Response(JSON.stringify(document), { headers: { "content-type": "application/vc+ld+json" } });
    const forged = structuredClone(list);
    forged.credentialSubject.encodedList = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA";
    const stale = await signWith(seed.bytes, seed.method, { ...list, validFrom: "2020-01-01T00:00:00Z", validUntil: "2020-01-08T00:00:00Z" });
    for (const [kind, answer] of [["forged", as(forged)], ["missing", () => new Response("", { status: 404 })], ["stale", as(stale)]]) {
      origin.answers.set(address, answer);
      assert.notDeepEqual(await verifiers.dcc(good), [], `dcc: ${kind}`);
      assert.notDeepEqual(await verifiers.bazaar(good), [], `bazaar: ${kind}`);
      origin.answers.delete(address);
    }
    assert.deepEqual(await verifiers.dcc(good), [], "and again with the list itself");
  });

  test("is there as Open Badges 2.0 only when its holder wants it, and answers 410 once revoked", async () => {
    const email = "lukasz.zolkiewski@example.org";
    const { badge: id } = certificateOf(email);
    assert.equal((await get(`/ob2/assertions/${id}`)).status, 404);
    const holder = await asked.signedIn(portal, email, people[email]);
    const dashboard = await (await holder.send("/dashboard")).text();
    const [path] = dashboard.match(/\/certificates\/\d+/);
    const csrf_token = await holder.token(path);
    assert.equal((await holder.send(`${path}/sharing`, { csrf_token, open_badges_2: "on" })).status, 303);
    const [png, svg] = await files(id);
    assert.deepEqual(await python(2, email, `${ORIGIN}/ob2/assertions/${id}`, png, svg), ["OK", "OK", "OK"]);
    assert.deepEqual(await python(3, png, svg), ["OK", "OK"], "the same picture for both");
    assert.notDeepEqual(await python(2, "somebody@else.org", `${ORIGIN}/ob2/assertions/${id}`), ["OK"]);
  });

  test("goes on verifying after a rotation; after a compromise the old signature fails and the new one verifies", async () => {
    const { badge: id } = certificateOf("anouk.devries@example.org");
    const old = await badge(id);
    assert.match(old.proof[0].verificationMethod, FIRST_KEY);
    await portal.run(["badges", "rotate"]).then(done);
    await verifies(id);
    await portal.run(["badges", "compromised", old.proof[0].verificationMethod.split("#")[1]]).then(done);
    const file = join(portal.data, "old.json");
    await writeFile(file, JSON.stringify(old));
    const { stdout } = await promisify(execFile)(process.execPath, [join(HERE, "fresh.mjs"), ORIGIN, portal.url, file]);
    const reasons = JSON.parse(stdout);
    assert.match(reasons.dcc.join("\n"), /signature|key|method/i, "dcc");
    assert.match(reasons.bazaar.join("\n"), /key|not found|method/i, "bazaar");
    assert.match((await python(3, file)).join("\n"), /key|method/i, "openbadgeslib");
    const renewed = await badge(id);
    await writeFile(file, JSON.stringify(renewed));
    const again = await promisify(execFile)(process.execPath, [join(HERE, "fresh.mjs"), ORIGIN, portal.url, file]);
    assert.deepEqual(JSON.parse(again.stdout), { dcc: [], bazaar: [] });
    assert.deepEqual(await python(3, file, ...(await files(id))), ["OK", "OK", "OK", "OK"]);
    assert.equal(renewed.credentialStatus.statusListIndex, old.credentialStatus.statusListIndex);
  });
});

const done = ({ code, stdout, stderr }) => assert.equal(code, 0, stdout + stderr);

async function currentSeed() {
  const { keys } = JSON.parse(await readFile(join(portal.data, "keys", "badges.json"), "utf8"));
  const key = keys.find(({ state }) => state === "current");
  const { base58 } = await import("./base58.mjs");
  return { bytes: base58(key.seed), method: `did:web:portal.example.org#${key.name}` };
}
