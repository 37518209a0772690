import type { Exemplar } from "@rag-instruct/core";
import { type FilterExemplarsOptions, filterExemplars } from "./filter-exemplars.ts";
import { judgementTokens } from "./keep/judge.ts";

/** What judging exemplars asks, as far as can be told before. */
export interface ExpectedJudgements {
  calls: number;
  inputTokens: number;
  outputTokens: number;
}

const outputTokensAJudgement = 40;

/**
 * What judging exemplars with `filter: "model"` would ask: a call for each that the free rules leave and the sample takes. Reads them
 * once. More is asked where a sample has to replace what the judge does not keep. Throws what {@link filterExemplars} throws.
 */
export async function expectJudgements(
  source: string | readonly string[] | readonly Exemplar[],
  options: Pick<FilterExemplarsOptions, "sample" | "seed" | "mayHoldNone" | "signal"> = {},
): Promise<ExpectedJudgements> {
  const sum: ExpectedJudgements = { calls: 0, inputTokens: 0, outputTokens: 0 };
  for await (const row of filterExemplars(source, { ...options, filter: "rules" })) {
    if (row.status !== "accepted" || row.value.documents) continue;
    sum.calls++;
    sum.inputTokens += judgementTokens(row.value);
    sum.outputTokens += outputTokensAJudgement;
  }
  return sum;
}

/** How many exemplars there are to read, whether a filter would keep them or not. */
export async function countExemplars(
  source: string | readonly string[] | readonly Exemplar[],
  options: Pick<FilterExemplarsOptions, "mayHoldNone" | "signal"> = {},
): Promise<number> {
  let count = 0;
  for await (const { status } of filterExemplars(source, { ...options, filter: "off" }))
    if (status === "accepted") count++;
  return count;
}
