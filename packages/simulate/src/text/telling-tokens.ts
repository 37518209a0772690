import { canonicalTokens } from "./canonical-tokens.ts";
import { stopWords } from "./stop-words.ts";

const canonicalStopWords = new Map<string, ReadonlySet<string>>();

/**
 * The distinct tokens that say something of a text's subject: no function words of its language, no single letters of
 * scripts that have spaces.
 * @param options.language ISO 639-1. @default English
 */
export function tellingTokens(
  tokens: readonly string[],
  { language = "en" }: { language?: string | undefined } = {},
): string[] {
  const stops = stopTokens(language);
  return [...new Set(tokens)].filter((token) => !stops.has(token) && !/^[a-z]$/.test(token));
}

/** The tokens between the first and the last that are no function words; all of them where there are no others. */
export function trimStopTokens(
  tokens: readonly string[],
  { language = "en" }: { language?: string | undefined } = {},
): readonly string[] {
  const stops = stopTokens(language);
  const first = tokens.findIndex((token) => !stops.has(token));
  const last = tokens.findLastIndex((token) => !stops.has(token));
  return first < 0 ? tokens : tokens.slice(first, last + 1);
}

function stopTokens(language: string): ReadonlySet<string> {
  let set = canonicalStopWords.get(language);
  if (!set) {
    const words = stopWords[language] ?? stopWords.en ?? [];
    // A number in words is no function word, whatever a list says.
    set = new Set(words.flatMap(canonicalTokens).filter((token) => !/\d/.test(token)));
    canonicalStopWords.set(language, set);
  }
  return set;
}
