// Asks the verifiers about one file in a process of its own, because they keep an issuer's keys for a while:
//
//   node fresh.mjs PUBLIC_ORIGIN LOCAL_ORIGIN FILE     prints the reasons of each as JSON

import { readFile } from "node:fs/promises";
import { publicOrigin, verifiers } from "./verifiers.mjs";

const [origin, portal, file] = process.argv.slice(2);
publicOrigin(origin, portal);
const badge = JSON.parse(await readFile(file, "utf8"));
console.log(JSON.stringify({ dcc: await verifiers.dcc(badge), bazaar: await verifiers.bazaar(badge) }));
