import { RagInstructError } from "@rag-instruct/core";

/** How far a text is searched for what it says of itself. */
const maxHead = 4096;

const statements = {
  xml: /^\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([\w.:-]+)/i,
  html: /<meta\b[^>]{0,200}?\bcharset\s*=\s*(?:["']\s*)?([\w.:-]+)/i,
  editor: /^(?:.*\n)?.*?-\*-.*?\bcoding\s*[:=]\s*([\w.-]+)/,
  latex: /^[^%\r\n\u2028\u2029]*\\usepackage\s*\[([\w-]+)\]\s*\{inputenc\}/m,
};

// Names that LaTeX and editors have for encodings, where the platform has another.
const otherNames: Readonly<Record<string, string>> = {
  ansinew: "windows-1252",
  applemac: "macintosh",
  latin9: "iso-8859-15",
  cp1250: "windows-1250",
  cp1251: "windows-1251",
  cp1252: "windows-1252",
  cp866: "ibm866",
  koi8u: "koi8-u",
  "utf-8-unix": "utf-8",
  utf8x: "utf-8",
};

/**
 * The encoding that a text states at its beginning, as the platform names it: in the XML declaration, in `<meta charset>` where it is
 * HTML, for an editor (`-*- coding: … -*-`) or for LaTeX. Undefined where it states none that the platform knows, and where it states
 * UTF-16 in bytes that cannot be that.
 */
export function declaredEncoding(head: Uint8Array, { isHtml = false } = {}): string | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, maxHead)).toString("latin1");
  const patterns = isHtml ? [statements.xml, statements.html] : [statements.xml, statements.editor, statements.latex];
  for (const pattern of patterns) {
    const named = pattern.exec(text)?.[1];
    const known = named === undefined ? undefined : knownEncoding(named);
    if (known !== undefined && !known.startsWith("utf-16")) return known;
  }
  return undefined;
}

/** The platform's name of an encoding, by any of its labels (https://encoding.spec.whatwg.org); undefined where it has none. */
function knownEncoding(label: string): string | undefined {
  try {
    const { encoding } = new TextDecoder(otherNames[label.toLowerCase()] ?? label);
    return encoding;
  } catch {
    return undefined;
  }
}

/** The same of an encoding that was asked for. Throws `bad-option` where there is no such one. */
export function namedEncoding(label: string): string {
  const known = knownEncoding(label);
  if (known !== undefined) return known;
  throw new RagInstructError(
    "bad-option",
    `encoding is ${label}, which is none that is known; name one as web pages do, such as utf-8, gbk, shift_jis, euc-kr, big5, koi8-r or windows-1252`,
  );
}
