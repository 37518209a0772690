/** What symbols and words of RTF stand for, which the library takes for the symbol or passes over. */
const symbols: Readonly<Record<string, string>> = {
  "\\~": "\\u160 ",
  "\\_": "\\u8209 ",
  "\\-": "",
  "\\emdash": "\\u8212 ",
  "\\endash": "\\u8211 ",
  "\\bullet": "\\u8226 ",
};

/** Encodings of fonts by their `\fcharset` (RTF 1.9.1, "Font Table"), where it is not the document's. */
const encodings: Readonly<Record<number, string>> = {
  128: "shift_jis",
  129: "euc-kr",
  134: "gbk",
  136: "big5",
  161: "windows-1253",
  162: "windows-1254",
  163: "windows-1258",
  177: "windows-1255",
  178: "windows-1256",
  186: "windows-1257",
  204: "windows-1251",
  222: "windows-874",
  238: "windows-1250",
};

/** What holds within a group. */
interface State {
  /** Letters behind one of Unicode that stand for it: the last `\uc`, 1 where there is none. */
  fallback: number;
  /** The encoding of the font; undefined where it is the document's. */
  encoding: string | undefined;
}

/**
 * RTF whose letters are all Unicode's where the library would take them for others: those in the encoding of their font are decoded, those that stand behind one of
 * Unicode for readers that do not know it are left out, and symbols are what they stand for.
 */
export function rtfInUnicode(bytes: Buffer): Buffer {
  const rtf = bytes.toString("latin1");
  const fonts = new Map(
    Array.from(rtf.matchAll(fontPattern), ([, font, charset]) => [font, encodings[Number(charset)]]),
  );
  const states: State[] = [{ fallback: 1, encoding: undefined }];
  let kept = "";
  let skipping = 0;
  /** The first byte of a letter that has two. */
  let lead: string | undefined;
  const tokens = /\\([a-zA-Z]+)(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\[\s\S]|[{}]|[\r\n]+|[^\\{}\r\n]+/g;
  for (let found = tokens.exec(rtf); found; found = tokens.exec(rtf)) {
    const [token, word, number, hex] = found;
    const state = states.at(-1)!;
    if (token === "{") states.push({ ...state });
    else if (token === "}" && states.length > 1) states.pop();
    // A group ends what is passed over; any other token is one of the letters.
    if (token === "{" || token === "}") skipping = 0;
    if (skipping > 0 && !/^[\r\n]/.test(token)) {
      const letters = token.startsWith("\\") ? token.length : skipping;
      kept += token.slice(letters);
      skipping -= token.startsWith("\\") ? 1 : Math.min(skipping, token.length);
    } else if (word === "u" && number !== undefined) {
      skipping = state.fallback;
      kept += `\\u${number} `;
    } else if (hex !== undefined && state.encoding) {
      const letter = decoded((lead ?? "") + hex, state.encoding);
      lead = letter === undefined ? hex : undefined;
      kept += letter ?? "";
    } else if (lead !== undefined && state.encoding && /^[^\\{}\r\n]/.test(token)) {
      kept += (decoded(lead + token.charCodeAt(0).toString(16), state.encoding) ?? "") + token.slice(1);
      lead = undefined;
    } else kept += symbols[word === undefined ? token : `\\${word}`] ?? token;
    if (word === "uc") state.fallback = Number(number ?? 1);
    else if (word === "f") state.encoding = fonts.get(number ?? "");
    else if (word === "plain") state.encoding = undefined;
    else if (word === "bin" && Number(number) > 0) {
      kept += rtf.slice(tokens.lastIndex, tokens.lastIndex + Number(number));
      tokens.lastIndex += Number(number);
    }
  }
  return Buffer.from(kept, "latin1");
}

const fontPattern = /\\f(\d{1,5})(?:\\(?!fcharset)[a-z]{1,20}-?\d{0,10}){0,8}\\fcharset(\d{1,3})/g;

/** A letter by its bytes, as RTF writes one of Unicode; undefined where a second byte is missing. */
function decoded(hex: string, encoding: string): string | undefined {
  const letter = new TextDecoder(encoding).decode(Buffer.from(hex, "hex"));
  if (letter === "\uFFFD" && hex.length === 2) return undefined;
  return Array.from({ length: letter.length }, (_, at) => `\\u${letter.charCodeAt(at)} `).join("");
}
