import type { Analyzer } from "./analyzers.ts";
import { inverseDocumentFrequency } from "./impacts.ts";
import type { Postings, WeightedTerms } from "./score.ts";
import { findText, type StringTable } from "./string-table.ts";

/** The terms of a query that the index has, each once, in the order of their first place, and what they weigh. */
export function weighQuery(
  query: string,
  { analyzer, terms, postings }: { analyzer: Analyzer; terms: StringTable; postings: Postings },
): WeightedTerms {
  const counts = new Map<number, number>();
  for (const text of analyzer.terms(query)) {
    const term = findText(terms, text);
    if (term >= 0) counts.set(term, (counts.get(term) ?? 0) + 1);
  }
  const { offsets, passages } = postings;
  return {
    terms: Uint32Array.from(counts.keys()),
    weights: Float64Array.from(
      counts,
      ([term, count]) => count * inverseDocumentFrequency(passages, offsets[term + 1]! - offsets[term]!),
    ),
  };
}
