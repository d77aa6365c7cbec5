// What the tests of badges ask a running portal and the verifiers of Python.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const HERE = dirname(fileURLToPath(import.meta.url));
/** Where the portal is for the world; the tests send it to the local one. */
export const ORIGIN = "https://portal.example.org";
const MUCH = 64 * 1024 * 1024;
const fetchPlain = globalThis.fetch;

/** Asks a verifier of Python, of Open Badges `kind` (2 or 3): one line for each badge, OK or the reason why not. */
export async function python(portal, kind, ...args) {
  const interpreter = join(HERE, `.venv-${kind}`, "bin", "python");
  const script = join(HERE, `open_badges_${kind}.py`);
  const { stdout } = await promisify(execFile)(interpreter, [script, ORIGIN, portal.url, ...args], { maxBuffer: MUCH });
  return stdout.trim().split("\n");
}

/** Runs a few lines of Python and gives what they print. */
export async function runPython(lines, ...args) {
  const { stdout } = await promisify(execFile)("python3", ["-c", lines, ...args], { maxBuffer: MUCH });
  return stdout.trim();
}

/** Someone who is signed in, with plain requests. */
export async function signedIn(portal, email, password) {
  const jar = new Map();
  const send = async (path, fields) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const body = fields && new URLSearchParams(fields);
    const answer = await fetchPlain(`${portal.url}${path}`, { method: fields ? "POST" : "GET", body, redirect: "manual", headers: { cookie, accept: "text/html" } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      jar.set(name, value);
    }
    return answer;
  };
  const token = async (path) => (await (await send(path)).text()).match(/name="csrf_token" value="([^"]+)"/)[1];
  const entered = await send("/sign-in", { csrf_token: await token("/sign-in"), email, password });
  assert.equal(entered.status, 303, await entered.text());
  return { send, token, cookie: () => [...jar].map(([name, value]) => `${name}=${value}`).join("; ") };
}
