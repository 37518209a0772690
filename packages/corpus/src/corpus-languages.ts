import { guessLanguage } from "@rag-instruct/core";

/** The languages of a corpus, as far as a sample of its passages shows. */
export interface CorpusLanguages {
  /** Passages looked at. */
  sampled: number;
  /** Share of them by language (ISO 639-1), the largest first; passages whose language cannot be told are left out. */
  shares: Readonly<Record<string, number>>;
}

/** Tells the languages of texts. */
export function languagesOf(texts: readonly string[]): CorpusLanguages {
  const counts = new Map<string, number>();
  for (const text of texts) {
    const { language } = guessLanguage(text);
    if (language !== undefined) counts.set(language, (counts.get(language) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return { sampled: texts.length, shares: Object.fromEntries(sorted.map(([code, n]) => [code, n / texts.length])) };
}

const minStated = 0.1;

/** The languages in words, those of a tenth at least: "German", "German (71%) and English (27%)"; empty where none can be told. */
export function describeLanguages({ shares }: CorpusLanguages): string {
  const names = new Intl.DisplayNames("en", { type: "language" });
  const stated = Object.entries(shares).filter(([, share]) => share >= minStated);
  const [first] = stated;
  if (first === undefined) return "";
  if (stated.length === 1 && first[1] >= 1 - minStated) return names.of(first[0])!;
  return stated.map(([code, share]) => `${names.of(code)} (${Math.round(100 * share)}%)`).join(" and ");
}
