/** The distinct terms of a query; a weight is the idf times how often the query has the term. */
export interface WeightedTerms {
  terms: Uint32Array;
  weights: Float64Array;
}

/** A query's terms by what they can add to a score, most first. */
export interface QueryPlan extends WeightedTerms {
  /** What each term and all after it can add together; 0 behind the last. */
  rest: Float64Array;
}

/** @param peaks largest impact of each term */
export function planQuery(query: WeightedTerms, peaks: Float32Array): QueryPlan {
  const terms = query.terms.slice();
  const weights = query.weights.slice();
  const rest = new Float64Array(terms.length + 1);
  // By insertion: a query has a dozen terms, and to call a comparison costs more than to make it.
  for (let i = 0; i < terms.length; i++) {
    const [term, weight] = [terms[i]!, weights[i]!];
    const bound = weight * peaks[term]!;
    let place = i;
    for (; place > 0 && comesBefore({ term, bound }, { term: terms[place - 1]!, bound: rest[place - 1]! }); place--) {
      terms[place] = terms[place - 1]!;
      weights[place] = weights[place - 1]!;
      rest[place] = rest[place - 1]!;
    }
    terms[place] = term;
    weights[place] = weight;
    rest[place] = bound;
  }
  for (let i = terms.length - 1; i >= 0; i--) rest[i]! += rest[i + 1]!;
  return { terms, weights, rest };
}

function comesBefore(one: { term: number; bound: number }, other: { term: number; bound: number }): boolean {
  return one.bound > other.bound || (one.bound === other.bound && one.term < other.term);
}
