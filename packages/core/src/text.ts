/** Whether a text is plain ASCII, as most English text is: what other scripts need can then be left out. */
export function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII begins with them
  return /^[\x00-\x7f]*$/.test(text);
}

/** Title, a space, text, as retrievers read a passage (Contriever's and DPR's own passages among them); without a title the text alone. */
export function titledText({ title, text }: { title: string; text: string }): string {
  return title ? `${title} ${text}` : text;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text made safe between tags and in attributes; a lone surrogate becomes U+FFFD. */
export function escapeHtml(text: string): string {
  return text.toWellFormed().replace(/[&<>"']/g, (character) => entities[character]!);
}

/** The most tokens that texts can take: a token is at least one byte of UTF-8. */
export function tokensAtMost(...texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + utf8Length(text), 0);
}

function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x800) bytes += 2;
    else if (code >= 0x80) bytes++;
  }
  // Two halves of a character, counted as three bytes each, are four together.
  return bytes - 2 * (text.match(pairs)?.length ?? 0);
}

const pairs = /[\ud800-\udbff][\udc00-\udfff]/g;

// Characters a token, about, in the byte-pair vocabularies of common models: four in English, two and a half in other alphabets, one in Chinese and Japanese.
const perAsciiToken = 4;
const perAlphabetToken = 2.5;
const firstIdeograph = 0x2e80;

/** About how many tokens texts take. For an estimate, not for a ceiling. */
export function tokensAbout(...texts: readonly string[]): number {
  let tokens = 0;
  for (const text of texts) {
    let ascii = 0;
    let ideographs = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x80) ascii++;
      else if (code >= firstIdeograph) ideographs++;
    }
    tokens += ascii / perAsciiToken + (text.length - ascii - ideographs) / perAlphabetToken + ideographs;
  }
  return Math.ceil(tokens);
}

/**
 * A text without the characters at its ends that match a pattern of one character, in linear time: `text.replace(/x+$/, "")` tries each
 * run of them within the text to its end.
 */
export function trimEnds(text: string, edge: RegExp): string {
  const bare = trimEndOf(text, edge);
  let from = 0;
  while (from < bare.length && edge.test(bare[from]!)) from++;
  return bare.slice(from);
}

/** The same at the end alone. */
export function trimEndOf(text: string, edge: RegExp): string {
  let end = text.length;
  while (end > 0 && edge.test(text[end - 1]!)) end--;
  return text.slice(0, end);
}

// Letters that carry their mark inside and do not come apart by normalisation.
const plain: Readonly<Record<string, string>> = {
  ł: "l",
  ø: "o",
  đ: "d",
  ħ: "h",
  ı: "i",
  ß: "ss",
  æ: "ae",
  œ: "oe",
  þ: "th",
  ð: "d",
};
const marked = new RegExp(`[${Object.keys(plain).join("")}]`, "g");
// The zero of each script's decimal digits, nine more follow.
const zeros = "٠۰०০੦૦୦௦౦೦൦๐໐༠၀០";
const digit = new RegExp(`[${[...zeros].map((zero) => `${zero}-${digitOf(zero, 9)}`).join("")}]`, "g");

/**
 * Lower case in compatibility form (NFKC), without accents and vowel signs, with plain quotes and digits, so that only the letters
 * count.
 */
export function foldText(text: string): string {
  return isAscii(text) ? foldAscii(text) : foldUnicode(text);
}

function foldAscii(text: string): string {
  return text.toLowerCase().replaceAll("`", "'").replace(/\s+/g, " ");
}

function foldUnicode(text: string): string {
  return text
    .replace(/(?<=\d)[\u00a0\u2009\u202f](?=\d{3}(?!\d))/g, "")
    .normalize("NFKC")
    .toLowerCase()
    .normalize("NFD")
    .replace(/[\u0300-\u036f\u0591-\u05bd\u0640\u064b-\u0655\u0670]/g, "")
    .normalize("NFC")
    .replace(marked, (letter) => plain[letter]!)
    .replace(digit, (one) => String(numberOf(one)))
    .replace(/[‘’‚‛′`´]/g, "'")
    .replace(/[“”„‟″«»]/g, '"')
    .replace(/[‐‑‒–—―−]/g, "-")
    .replace(/\s+/g, " ");
}

function digitOf(zero: string, value: number): string {
  return String.fromCharCode(zero.charCodeAt(0) + value);
}

function numberOf(one: string): number {
  const zero = [...zeros].find((zero) => one >= zero && one <= digitOf(zero, 9))!;
  return one.charCodeAt(0) - zero.charCodeAt(0);
}
