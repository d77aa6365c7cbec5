// Names and titles as nobody would think of them: every script, emoji, marks upon marks, quotes, angle brackets, text that runs the
// other way, characters that are none, and lengths up to the longest and above it. The same seed gives the same ones.

const range = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => String.fromCodePoint(from + n));

/** Letters of scripts, first and last of each block that has no gaps to speak of. */
const SCRIPTS = [
  [0x41, 0x5a], [0xc0, 0xd6], [0x100, 0x17f], [0x1e00, 0x1eff], [0x391, 0x3a1], [0x410, 0x44f], [0x531, 0x556], [0x5d0, 0x5ea],
  [0x620, 0x64a], [0x712, 0x72f], [0x780, 0x7a5], [0x905, 0x939], [0x995, 0x9a8], [0xa15, 0xa28], [0xa95, 0xaa8], [0xb15, 0xb28],
  [0xb95, 0xb95], [0xc15, 0xc28], [0xc95, 0xca8], [0xd15, 0xd28], [0xd9a, 0xdb1], [0xe01, 0xe30], [0xe94, 0xe97], [0xf40, 0xf47],
  [0x1000, 0x102a], [0x10d0, 0x10fa], [0x1200, 0x1248], [0x13a0, 0x13f4], [0x1401, 0x166c], [0x1681, 0x169a], [0x16a0, 0x16ea],
  [0x1780, 0x17b3], [0x1820, 0x1877], [0x2c80, 0x2ce3], [0x2d30, 0x2d67], [0x3041, 0x3096], [0x30a1, 0x30fa], [0x3105, 0x312f],
  [0x4e00, 0x9fa5], [0xa000, 0xa48c], [0xac00, 0xd7a3], [0x10330, 0x1034a], [0x10000, 0x1000b], [0x10400, 0x1044f], [0x12000, 0x12399],
  [0x1d400, 0x1d454], [0x20000, 0x2a6d6], [0x1e900, 0x1e943],
];
const EMOJI = ["😀", "👩🏽‍💻", "🏳️‍🌈", "🇳🇱", "1️⃣", "👨‍👩‍👧‍👦", "☠︎", "❤️‍🔥", "🫠", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"];
const SIGNS = [..."\"'`´“”„«»‹›&<>/\\{}[]()|$%#@^~*+=;:,.!?_-–—…€¥№§¶©®™°½²∞≠√∫"];
const WORDS = [
  "<script>alert(1)</script>", "&amp;", "&#38;", "]]>", "<!--", "-->", "<![CDATA[", "\\u0041", "\\n", "%00", "${7*7}", "{{ name }}", "{% raw %}",
  "O'Brien", "\"; DROP TABLE badges; --", "_:c14n0", "<https://example.org/>", "\"^^<http://www.w3.org/2001/XMLSchema#string>", "@en", "null", "true",
  "=1+1", "+31", "NaN", "e\u0301", "\u00e9", "ﬁ", "İstanbul", "ẞ", "Σίσυφος", "Ǆ",
];
const UNSEEN = ["\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u202a", "\u202e", "\u202c", "\u2066", "\u2069", "\u00ad", "\ufeff", "\u2060", "\u034f", "\u115f", "\ufe0f", "\u{e0041}"];
const SPACES = [" ", "\u00a0", "\u2003", "\u3000", "\u2028", "\u2029", "\t", "\n", "\r\n"];
const CONTROLS = [...range(0x01, 0x1f), ...range(0x7f, 0x9f)];
const NO_CHARACTERS = ["\ufffe", "\uffff", "\ufdd0", "\u{1fffe}", "\u{10ffff}", "\ue000", "\ufffd"];
const MARKS = [...range(0x300, 0x36f), "\u0483", "\u05b0", "\u064b", "\u093c", "\u0e31", "\u20dd", "\u{1d165}"];

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function randomly(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** One text; most are short, some are as long as `longest` characters and a few are longer. */
export function strange(random, longest) {
  const below = (limit) => Math.floor(random() * limit);
  const one = (of) => of[below(of.length)];
  const letters = () => {
    const [from, to] = one(SCRIPTS);
    const text = () => String.fromCodePoint(from + below(to - from + 1));
    return Array.from({ length: 1 + below(8) }, text).join("");
  };
  const marked = () => letters().replace(/./gu, (sign) => sign + Array.from({ length: below(6) }, () => one(MARKS)).join(""));
  const kinds = [letters, letters, letters, letters, marked, () => one(EMOJI), () => one(EMOJI), () => one(SIGNS), () => one(WORDS), () => one(WORDS), () => one(SPACES), () => one(UNSEEN)];
  // what no text should hold is in a few only, so that most get as far as the verifiers
  if (random() < 0.04) kinds.push(() => one(CONTROLS));
  if (random() < 0.05) kinds.push(() => one(NO_CHARACTERS));
  const wanted = random() < 0.1 ? longest : random() < 0.03 ? longest * 2 : 1 + below(30);
  let text = "";
  while ([...text].length < wanted) text += one(kinds)() + (random() < 0.3 ? " " : "");
  return wanted === longest ? [...text].slice(0, longest).join("") : text;
}
