/** What an endpoint charges, in US dollars per million tokens. */
export interface Price {
  inputPerMillion: number;
  outputPerMillion: number;
}

// OpenAI's list prices as of mid-2025, written down from memory and not checked since; hand in `prices` where yours differ.
const known: Readonly<Record<string, Price>> = {
  "gpt-4o": { inputPerMillion: 2.5, outputPerMillion: 10 },
  "gpt-4o-mini": { inputPerMillion: 0.15, outputPerMillion: 0.6 },
  "gpt-4.1": { inputPerMillion: 2, outputPerMillion: 8 },
  "gpt-4.1-mini": { inputPerMillion: 0.4, outputPerMillion: 1.6 },
  "gpt-4.1-nano": { inputPerMillion: 0.1, outputPerMillion: 0.4 },
};

/** The price of a model by its id: as given, else as known, else undefined. */
export function priceOf(model: string, given: Readonly<Record<string, Price>> = {}): Price | undefined {
  if (Object.hasOwn(given, model)) return given[model];
  return Object.hasOwn(known, model) ? known[model] : undefined;
}

/** What tokens cost, in US dollars. */
export function costOf(
  price: Price,
  { inputTokens, outputTokens }: { inputTokens: number; outputTokens: number },
): number {
  return (inputTokens * price.inputPerMillion + outputTokens * price.outputPerMillion) / 1e6;
}
