import type NSpell from "nspell";

/** A word that is cut at the end of a line. */
interface Cut {
  /** Where its parts begin and end: `text.slice(start, hyphen)` and `text.slice(next, end)`; without a hyphen it is the line's end. */
  start: number;
  hyphen: number;
  next: number;
  end: number;
}

/** Letters of a part at most. */
const maxPart = 64;

/**
 * A text whose words are whole again where the end of a line cut them: joined when the whole word stands elsewhere in the text or in a list
 * of English words, or when neither part is a word; with its hyphen where it stands so elsewhere, or where both parts are words
 * (`well-known`). Any other stays as it is. Without a hyphen, as where a soft one is not seen, two parts are joined when the whole is known
 * and one of them is not.
 */
export async function joinHyphens(text: string): Promise<string> {
  const hyphens = cutsOf(text, /[-\u2010]\n{1,2}(?=\p{L})/gu);
  const breaks = cutsOf(text, /\n{1,2}(?=\p{Ll})/gu);
  if (hyphens.length + breaks.length === 0) return text;
  const cuts = [...hyphens, ...breaks].sort((a, b) => a.hyphen - b.hyphen);
  const { known, inner } = { known: wordsBeside(text, hyphens), inner: wordsBeside(text, cuts) };
  const english = await englishWords();
  const isEnglish = (word: string) => english.correct(word.toLowerCase());
  const isWord = (word: string) => known.has(word.toLowerCase()) || isEnglish(word);
  const isPart = (word: string) => !inner.has(word.toLowerCase()) && !isEnglish(word);
  let joined = "";
  let from = 0;
  for (const cut of cuts) {
    const [first, second] = [text.slice(cut.start, cut.hyphen), text.slice(cut.next, cut.end)];
    const joint = isHyphen(text, cut)
      ? hyphenJoint(first, second, { known, isWord })
      : isWord(first + second) && (isPart(first) || isPart(second))
        ? ""
        : undefined;
    if (joint === undefined) continue;
    joined += text.slice(from, cut.hyphen) + joint;
    from = cut.next;
  }
  return joined + text.slice(from);
}

function isHyphen(text: string, { hyphen }: Cut): boolean {
  return text[hyphen] !== "\n";
}

/** What stands between two parts; undefined where that cannot be told. Capitals may also be two abbreviations. */
function hyphenJoint(
  first: string,
  second: string,
  { known, isWord }: { known: ReadonlySet<string>; isWord: (word: string) => boolean },
): string | undefined {
  // Of `state-of-the-` the last part is cut.
  const lastPart = first.slice(first.lastIndexOf("-") + 1);
  const [isFirst, isSecond] = [isWord(lastPart), isWord(second)];
  const isCapital = /^\p{Lu}/u.test(second);
  if (isWord(lastPart + second) || !(isFirst || isSecond || isCapital)) return "";
  return known.has(`${first}-${second}`.toLowerCase()) || (isFirst && isSecond) ? "-" : undefined;
}

/** Where a word may be cut: between small letters, or between capitals. */
function cutsOf(text: string, ends: RegExp): Cut[] {
  const cuts: Cut[] = [];
  for (const { 0: found, index } of text.matchAll(ends)) {
    const next = index + found.length;
    const [before] = /[\p{L}\p{M}-]{0,64}$/u.exec(text.slice(Math.max(0, index - maxPart), index)) ?? [""];
    const [after] = /^[\p{L}\p{M}]*/u.exec(text.slice(next, next + maxPart)) ?? [""];
    const isAlike = /\p{Lu}$/u.test(before) ? /^\p{Lu}/u.test(after) : /\p{L}$/u.test(before) && /^\p{Ll}/u.test(after);
    if (isAlike) cuts.push({ start: index - before.length, hyphen: index, next, end: next + after.length });
  }
  return cuts;
}

/** The words of a text in small letters, those with hyphens whole and by their parts; those that are cut left out. */
function wordsBeside(text: string, cuts: readonly Cut[]): Set<string> {
  const words = new Set<string>();
  let from = 0;
  for (const { start, end } of [...cuts, { start: text.length, end: text.length }]) {
    for (const [word] of text.slice(from, Math.max(from, start)).matchAll(/[\p{L}\p{M}-]+/gu)) {
      const small = word.toLowerCase();
      words.add(small);
      if (small.includes("-")) for (const part of small.split("-")) words.add(part);
    }
    from = end;
  }
  return words;
}

let english: Promise<NSpell> | undefined;

/** Hunspell's words of English, which also knows their forms. */
function englishWords(): Promise<NSpell> {
  english ??= (async () => {
    const [{ default: nspell }, { default: dictionary }] = await Promise.all([
      import("nspell"),
      import("dictionary-en"),
    ]);
    return nspell(dictionary as Parameters<typeof nspell>[0]);
  })();
  return english;
}
