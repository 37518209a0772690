/** What an endpoint charges, in US dollars per million tokens. */
export interface Price {
  inputPerMillion: number;
  outputPerMillion: number;
  /** Part of it that is charged through the batch API. @default 1 */
  batchShare?: number;
}

const halfInBatches = { batchShare: 0.5 };

// OpenAI's list prices as several public price lists of March 2026 agree on them, among them that a batch costs half.
// Prices change and no list here can be newer than this release: hand in `prices` where yours differ.
const known: Readonly<Record<string, Price>> = {
  "gpt-4o": { inputPerMillion: 2.5, outputPerMillion: 10, ...halfInBatches },
  "gpt-4o-mini": { inputPerMillion: 0.15, outputPerMillion: 0.6, ...halfInBatches },
  "gpt-4.1": { inputPerMillion: 2, outputPerMillion: 8, ...halfInBatches },
  "gpt-4.1-mini": { inputPerMillion: 0.4, outputPerMillion: 1.6, ...halfInBatches },
  "gpt-4.1-nano": { inputPerMillion: 0.1, outputPerMillion: 0.4, ...halfInBatches },
  "gpt-5": { inputPerMillion: 1.25, outputPerMillion: 10, ...halfInBatches },
  "gpt-5-mini": { inputPerMillion: 0.25, outputPerMillion: 2, ...halfInBatches },
  "gpt-5-nano": { inputPerMillion: 0.05, outputPerMillion: 0.4, ...halfInBatches },
};

/** The price of a model by its id: as given, else as known, else undefined. */
export function priceOf(model: string, given: Readonly<Record<string, Price>> = {}): Price | undefined {
  if (Object.hasOwn(given, model)) return given[model];
  return Object.hasOwn(known, model) ? known[model] : undefined;
}

/**
 * What tokens cost, in US dollars.
 * @param options.batch whether they go through the batch API. @default false
 */
export function costOf(
  { inputPerMillion, outputPerMillion, batchShare = 1 }: Price,
  { inputTokens, outputTokens }: { inputTokens: number; outputTokens: number },
  { batch = false }: { batch?: boolean } = {},
): number {
  return ((inputTokens * inputPerMillion + outputTokens * outputPerMillion) / 1e6) * (batch ? batchShare : 1);
}
