// Verifiers of Open Badges 3.0 that others wrote, without any network but the portal's.
//
//   const origin = publicOrigin("https://portal.example.org", portal.url);
//   origin.answers.set(url, () => new Response("…", { status: 404 }));   // instead of the portal
//   await verifiers.dcc(badge)   // reasons why it does not verify; none when it does

import { readFile } from "node:fs/promises";

const realFetch = globalThis.fetch;
const SCHEMA = process.env.CPE_PORTAL_OB3_SCHEMA;

/** Sends what is asked of the public origin to the portal; everything else is refused, so that a pass needs no network. */
export function publicOrigin(origin, portal) {
  const answers = new Map();
  globalThis.fetch = async (input, init) => {
    const url = typeof input === "string" ? input : (input.url ?? String(input));
    if (/^https:\/\/purl\.imsglobal\.org\/spec\/ob\/v3p0\/schema\//.test(url)) {
      const schema = SCHEMA ? await readFile(SCHEMA) : "{}";
      return new Response(schema, { headers: { "content-type": "application/json" } });
    }
    if (answers.has(url)) return answers.get(url)();
    const local = url.startsWith(`${origin}/`) ? portal + url.slice(origin.length) : url;
    if (!local.startsWith(`${portal}/`)) throw new TypeError(`refused: ${url}`);
    const headers = init?.headers ?? (input instanceof Request ? input.headers : undefined);
    return realFetch(local, { method: init?.method ?? input.method ?? "GET", headers });
  };
  return { answers };
}

console.warn = () => {}; // remarks of a schema checker on the schema

const { verifyCredential } = await import("@digitalcredentials/verifier-core");
const { securityLoader } = await import("@digitalcredentials/security-document-loader");
const vc = await import("@digitalbazaar/vc");
const { DataIntegrityProof } = await import("@digitalbazaar/data-integrity");
const { cryptosuite } = await import("@digitalbazaar/eddsa-rdfc-2022-cryptosuite");
const { checkStatus } = await import("@digitalbazaar/vc-bitstring-status-list");
const Ed25519Multikey = await import("@digitalbazaar/ed25519-multikey");

function reasonsOf(error) {
  if (!error) return [];
  const below = [...(error.errors ?? []), error.cause].filter(Boolean).flatMap(reasonsOf);
  return [...new Set([error.message, ...below].filter(Boolean))];
}

export const verifiers = {
  /** The Digital Credentials Consortium's: signature, dates, status, the Open Badges schema. */
  async dcc(badge) {
    const result = await verifyCredential({ credential: structuredClone(badge), knownDIDRegistries: [] });
    const reasons = (result.errors ?? []).map((error) => `${error.name}: ${error.message}`);
    const steps = new Set();
    for (const step of result.log ?? []) {
      if (step.id === "registered_issuer") continue; // their own list of issuers says nothing about validity
      steps.add(step.id);
      if (step.valid !== true) reasons.push(`${step.id}: ${step.error?.message ?? "false"}`);
    }
    if (!result.errors && !steps.has("revocation_status")) reasons.push("revocation_status: not checked");
    for (const part of result.additionalInformation ?? []) {
      for (const found of SCHEMA && Array.isArray(part.results) ? part.results : []) {
        if (!found.result.valid) reasons.push(`schema: ${JSON.stringify(found.result.errors)}`);
      }
    }
    return reasons;
  },

  /** Digital Bazaar's: signature, dates, status. */
  async bazaar(badge) {
    const documentLoader = securityLoader({ fetchRemoteContexts: true }).build();
    const suite = new DataIntegrityProof({ cryptosuite });
    const result = await vc.verifyCredential({ credential: structuredClone(badge), suite, documentLoader, checkStatus });
    const reasons = result.verified ? [] : [...reasonsOf(result.error), ...reasonsOf(result.statusResult?.error)];
    if (!result.verified && reasons.length === 0) reasons.push("not verified");
    // it tells the bit and leaves the judgement to its caller
    for (const { status, credentialStatus } of result.statusResult?.results ?? []) {
      if (status) reasons.push(`status ${credentialStatus.statusPurpose} is set`);
    }
    return reasons;
  },
};

/** Signs a document with a seed of ours, as somebody who stole it could. */
export async function signWith(seed, method, document) {
  const documentLoader = securityLoader({ fetchRemoteContexts: true }).build();
  const key = await Ed25519Multikey.generate({ seed, id: method, controller: method.split("#")[0] });
  const suite = new DataIntegrityProof({ signer: key.signer(), cryptosuite });
  const { proof, ...credential } = document;
  const { default: jsigs } = await import("jsonld-signatures");
  const purpose = new jsigs.purposes.AssertionProofPurpose();
  return jsigs.sign(credential, { suite, purpose, documentLoader });
}
