import { canonicalTokens, tellingTokens } from "./answer-tokens.ts";

/**
 * The sentence of a text that shares most telling words with others, its white space as one blank; of equals the shortest. Headings of
 * Markdown are no sentences.
 * @param about what the words are compared with: a question and its answer
 * @param options.atLeast words that must be shared. @default 0
 */
export function tellingSentence(text: string, about: string, { atLeast = 0 } = {}): string | undefined {
  const wanted = new Set(tellingTokens(canonicalTokens(about)));
  const segmenter = new Intl.Segmenter(undefined, { granularity: "sentence" });
  const [best] = [...segmenter.segment(text.replace(/^#+ .*$/gm, ""))]
    .map(({ segment }) => segment.replace(/\s+/g, " ").trim())
    .filter((sentence) => sentence !== "")
    .map((sentence) => ({
      sentence,
      shared: new Set(canonicalTokens(sentence).filter((token) => wanted.has(token))).size,
    }))
    .sort((a, b) => b.shared - a.shared || a.sentence.length - b.sentence.length);
  return best && best.shared >= atLeast ? best.sentence : undefined;
}
