// A thousand names and titles as nobody would think of them: each is refused at the door with words beside the field, or its badge is
// signed and verifies everywhere, as a document and inside its pictures.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { PASSWORD, addAccount, day } from "../browser/people.mjs";
import { startPortal } from "../browser/portal.mjs";
import { randomly, strange } from "./names.mjs";
import { ORIGIN, python, runPython, signedIn } from "./asked.mjs";
import { publicOrigin, verifiers } from "./verifiers.mjs";

const MANY = 1000;
const LONGEST = 120;
/** Of the older kind, which only shows the title: its verifier needs much longer for each. */
const OLDER = 100;
const SEED = Number(process.env.CPE_PORTAL_SEED ?? 20261127);
const ADMIN = "admin@example.org";

let portal;
/** Rows that were taken: { number, name, title, badge }. */
let badges;
const refused = { names: new Map(), titles: new Map() };

// names and titles are kept in their composed form (NFC), on one line, without what turns the direction round
const one_line = (text) => text.normalize("NFC").replace(/[\u202a-\u202e\u2066-\u2069]/gu, "").replace(/\p{White_Space}+/gu, " ").replace(/^ | $/g, "");
const tooLong = (text) => [...one_line(text)].length > LONGEST;
const unprintable = (text) => /[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/.test(one_line(text));
const cell = (text) => `"${text.replaceAll('"', '""')}"`;

before(async () => {
  portal = await startPortal({
    env: { CPE_PORTAL_URL: ORIGIN },
    prepare: (run) => addAccount(run, "administrator", ADMIN, "An Administrator"),
  });
  publicOrigin(ORIGIN, portal.url);
  const random = randomly(SEED);
  console.log(`# names and titles of the seed ${SEED} (CPE_PORTAL_SEED chooses another)`);
  const titles = Array.from({ length: MANY }, () => strange(random, LONGEST));
  const names = Array.from({ length: MANY }, () => strange(random, LONGEST));
  const admin = await signedIn(portal, ADMIN, PASSWORD);
  const csrf_token = await admin.token("/admin/certifications/new");
  const taken = new Map();
  for (const [n, title] of titles.entries()) {
    const answer = await admin.send("/admin/certifications", { csrf_token, code: `R${n}`, title, field: "1", level: "practitioner" });
    if (answer.status === 303) taken.set(n, one_line(title));
    else refused.titles.set(title, [answer.status, await answer.text()]);
  }
  const file = join(portal.data, "holders.csv");
  const rows = names.map((name, n) => [`h${n}@people.test`, name, taken.has(n) ? `R${n}` : "ISP", `N-${n}`, day(-10)].map(cell).join(","));
  await writeFile(file, `email,name,certification,certificate_number,granted_on\n${rows.join("\n")}\n`);
  // what is only unlikely, such as a letter that no font of ours has, stands on standard error
  const { stdout } = await portal.run(["import", "holders", file]);
  const lines = new Map([...stdout.matchAll(/^line (\d+): (.*)$/gm)].map(([, at, reason]) => [Number(at), reason]));
  // a name may go over several lines of the file
  let line = 2;
  for (const [n, row] of rows.entries()) {
    if (lines.has(line)) refused.names.set(names[n], lines.get(line));
    line += row.split(/\r\n|\r|\n/).length;
  }
  assert.equal(refused.names.size, lines.size, "each refusal says the line of its row");
  const ask = "select c.number, b.id from badges b join certificates c on c.id = b.certificate_id";
  const found = JSON.parse(await runPython("import json,sqlite3,sys; print(json.dumps(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchall()))", join(portal.data, "portal.sqlite"), ask));
  badges = found.map(([number, badge]) => {
    const n = Number(number.slice(2));
    return { number, badge, name: one_line(names[n]), title: taken.get(n) };
  });
});

after(() => portal?.stop());

describe("strange names and titles", () => {
  test("most are taken, and none is lost", () => {
    assert.equal(badges.length + refused.names.size, MANY);
    assert.ok(badges.length > MANY * 0.9, `${badges.length} badges`);
    assert.ok(refused.names.size > 5 && refused.titles.size > 5, "some are refused");
  });

  test("what is refused is told why, and for no other reason than its length and characters that cannot be printed", () => {
    for (const [name, reason] of refused.names) {
      if (tooLong(name)) assert.match(reason, /^The name is longer than 120 characters|cannot be printed/, name);
      else if (unprintable(name)) assert.match(reason, /^The name has a character that cannot be printed/, name);
      else assert.match(reason, /^The name is missing/, JSON.stringify(name));
    }
    for (const [title, [status, page]] of refused.titles) {
      assert.equal(status, 422, title);
      const message = page.match(/id="title-error"[^>]*>(?:<[^>]*>|[^<])*/)?.[0] ?? assert.fail(`no message beside the field: ${title}`);
      if (unprintable(title)) assert.match(message, /The title has a character that cannot be printed/, title);
      else if (tooLong(title)) assert.match(message, /The title is longer than 120 characters/, title);
      else assert.match(message, /Enter a title/, JSON.stringify(title));
    }
  });

  test("what is taken says the name and the title as they were typed", async () => {
    for (const { badge, name, title } of badges) {
      const document = await (await fetch(`${ORIGIN}/badges/${badge}`, { headers: { accept: "application/json" } })).json();
      const said = document.credentialSubject.identifier.find((identifier) => identifier.identityType === "name");
      assert.equal(said.identityHash, name);
      if (title) assert.equal(document.credentialSubject.achievement.name, title);
    }
  });

  test("every badge verifies with the verifiers of Node", async () => {
    for (const { badge, name, title } of badges) {
      const document = await (await fetch(`${ORIGIN}/badges/${badge}`, { headers: { accept: "application/json" } })).json();
      assert.deepEqual(await verifiers.dcc(document), [], `dcc: ${JSON.stringify([name, title])}`);
      assert.deepEqual(await verifiers.bazaar(document), [], `bazaar: ${JSON.stringify([name, title])}`);
    }
  });

  test("every badge, its PNG and its SVG verify with openbadgeslib", async () => {
    const paths = [];
    for (const { badge } of badges) {
      for (const kind of ["json", "png", "svg"]) {
        const answer = await fetch(`${ORIGIN}/badges/${badge}.${kind}`);
        assert.equal(answer.status, 200, `${badge}.${kind}`);
        paths.push(join(portal.data, `${badge}.${kind}`));
        await writeFile(paths.at(-1), Buffer.from(await answer.arrayBuffer()));
      }
    }
    const list = join(portal.data, "list");
    await writeFile(list, paths.join("\n"));
    const said = await python(portal, 3, `@${list}`);
    const wrong = said.flatMap((line, n) => (line === "OK" ? [] : [`${JSON.stringify(badges[Math.floor(n / 3)])}: ${line}`]));
    assert.deepEqual(wrong, []);
    assert.equal(said.length, paths.length);
  });

  test("Open Badges 2.0 of them verify, too", async () => {
    const some = badges.slice(0, OLDER);
    const ask = `import sqlite3,sys
with sqlite3.connect(sys.argv[1]) as conn:
    for number in sys.argv[2].split(","):
        conn.execute("insert into badge_sharing select id, 'salt' || id, datetime('now') from certificates where number = ?", (number,))`;
    await runPython(ask, join(portal.data, "portal.sqlite"), some.map(({ number }) => number).join(","));
    const list = join(portal.data, "older");
    await writeFile(list, some.map(({ badge, number }) => `h${number.slice(2)}@people.test ${ORIGIN}/ob2/assertions/${badge}`).join("\n"));
    const said = await python(portal, 2, `@${list}`);
    assert.deepEqual(said.flatMap((line, n) => (line === "OK" ? [] : [`${JSON.stringify(some[n])}: ${line}`])), []);
    assert.equal(said.length, some.length);
  });
});
