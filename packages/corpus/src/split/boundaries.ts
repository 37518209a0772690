import type { Heading } from "../raw-document.ts";
import type { WordSpans } from "./words.ts";

let segmenter: Intl.Segmenter | undefined;

/** The words that begin a sentence, by Unicode's rules (UAX 29); blank lines end sentences too. */
export function sentenceStarts(text: string, { starts }: WordSpans): number[] {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "sentence" });
  const found: number[] = [];
  let word = 0;
  for (const block of text.matchAll(/(?:(?!\n[^\S\n]*\n)[\s\S])+/g)) {
    for (const { index } of segmenter.segment(block[0])) {
      const at = block.index + index;
      while (word < starts.length && starts[word]! < at) word++;
      if (word < starts.length && found.at(-1) !== word) found.push(word);
    }
  }
  return found;
}

/** The words that begin a heading. */
export function headingStarts(headings: readonly Heading[], { starts }: WordSpans): number[] {
  let word = 0;
  return headings.flatMap(({ at }) => {
    while (word < starts.length && starts[word]! < at) word++;
    return word < starts.length ? [word] : [];
  });
}
