// The mails that the portal wrote into its data folder, as a person's mail program shows them.

/**
 * Reads one raw mail: { to, subject, kind, text, html }; `kind` is the notice that it carries, such as "returned".
 *
 * @param {string} raw
 */
export function readLetter(raw) {
  const whole = part(raw);
  const letter = {
    to: whole.header("to"),
    subject: words(whole.header("subject")),
    kind: whole.header("x-cpe-notice"),
    text: "",
    html: "",
  };
  const look = ({ header, body }) => {
    const kind = header("content-type") || "text/plain";
    const boundary = /boundary="?([^";]+)"?/i.exec(kind)?.[1];
    if (boundary) {
      for (const piece of body.split(`--${boundary}`).slice(1, -1)) look(part(piece.replace(/^\r?\n/, "")));
    } else if (/^text\/(plain|html)/i.test(kind)) {
      letter[/html/i.test(kind) ? "html" : "text"] = decoded(body, header("content-transfer-encoding"));
    }
  };
  look(whole);
  return letter;
}

/** The addresses of the portal's pages that a text names, in their order. */
export function links(text) {
  return [...text.matchAll(/https?:\/\/[^\s"<>]+/g)].map(([link]) => link.replaceAll("&amp;", "&"));
}

/**
 * Waits until somebody has got a mail of a kind, and gives the latest.
 *
 * @param {{ run: Function, mails: Function }} portal
 * @param {string} address
 * @param {string} kind
 * @param {number} [count] how many of the kind there must be
 */
export async function letterTo(portal, address, kind, count = 1) {
  const patience = Date.now() + 15_000;
  for (;;) {
    const all = (await portal.mails()).map(readLetter);
    const found = all.filter((letter) => letter.to.includes(address) && letter.kind === kind);
    if (found.length >= count) return found.at(-1);
    if (Date.now() > patience) {
      const others = all.map((letter) => `${letter.kind} to ${letter.to}`).join(", ");
      throw new Error(`No mail of kind ${kind} to ${address}; there are: ${others || "none"}`);
    }
    await portal.run(["mail"]);
    await new Promise((wake) => setTimeout(wake, 100));
  }
}

function part(raw) {
  const [, head, body] = /^([\s\S]*?)\r?\n\r?\n([\s\S]*)$/.exec(raw) ?? [undefined, raw, ""];
  const lines = head.replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/);
  const header = (name) => {
    const line = lines.find((each) => each.toLowerCase().startsWith(`${name}:`));
    return line === undefined ? "" : line.slice(name.length + 1).trim();
  };
  return { header, body };
}

function decoded(body, encoding) {
  if (/base64/i.test(encoding)) return Buffer.from(body, "base64").toString("utf8");
  return /quoted-printable/i.test(encoding) ? quotedPrintable(body.replace(/=\r?\n/g, "")) : body;
}

function quotedPrintable(text) {
  const bytes = text.replace(/=([0-9A-F]{2})/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}

function words(header) {
  return header.replace(/=\?utf-8\?([bq])\?([^?]*)\?=\s*/gi, (_, kind, text) =>
    kind.toLowerCase() === "b"
      ? Buffer.from(text, "base64").toString("utf8")
      : quotedPrintable(text.replaceAll("_", " ")),
  );
}
