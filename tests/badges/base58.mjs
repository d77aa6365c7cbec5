const SIGNS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** The 32 bytes of a seed in base58. */
export function base58(text) {
  let number = 0n;
  for (const sign of text) number = number * 58n + BigInt(SIGNS.indexOf(sign));
  return Uint8Array.from(Buffer.from(number.toString(16).padStart(64, "0"), "hex"));
}
