import type { Analyzer } from "./analyzers.ts";
import { inverseDocumentFrequency } from "./impacts.ts";
import type { Postings } from "./postings.ts";
import type { WeightedTerms } from "./query-plan.ts";
import { findText, type StringTable } from "./string-table.ts";

/** The terms of a query that the index has, each once, in the order of their first place, and what they weigh. */
export function weighQuery(
  query: string,
  { analyzer, terms, postings }: { analyzer: Analyzer; terms: StringTable; postings: Postings },
): WeightedTerms {
  // Plain arrays: for a dozen terms they are quicker than a Map.
  const found: number[] = [];
  const counts: number[] = [];
  for (const text of analyzer.terms(query)) {
    const term = findText(terms, text);
    if (term < 0) continue;
    const place = found.indexOf(term);
    if (place < 0) counts[found.push(term) - 1] = 1;
    else counts[place]! += 1;
  }
  const { offsets, passages } = postings;
  const weights = new Float64Array(found.length);
  for (const [i, term] of found.entries()) {
    weights[i] = counts[i]! * inverseDocumentFrequency(passages, offsets[term + 1]! - offsets[term]!);
  }
  return { terms: new Uint32Array(found), weights };
}
