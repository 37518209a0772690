import type { LanguageModelUsage } from "ai";
import type { Usage } from "./ledger.ts";

/** What of a usage is looked at. */
type Counted = Partial<Pick<LanguageModelUsage, "inputTokens" | "outputTokens" | "inputTokenDetails" | "raw">>;

/**
 * What an endpoint bills, by the usage that it states. Some leave thinking out of the output and count it in the total alone: what the
 * total holds beyond the prompt is output.
 */
export function billedUsage(stated: Counted | undefined): Usage {
  const usage: Usage = {};
  const inputTokens = counted(stated?.inputTokens);
  const outputTokens = counted(stated?.outputTokens);
  const total = counted(stated?.raw?.total_tokens) ?? 0;
  const cached = counted(stated?.inputTokenDetails?.cacheReadTokens) ?? 0;
  if (inputTokens !== undefined) usage.inputTokens = inputTokens;
  if (outputTokens !== undefined) usage.outputTokens = Math.max(outputTokens, total - (inputTokens ?? total));
  if (cached > 0 && cached <= (inputTokens ?? 0)) usage.cachedInputTokens = cached;
  return usage;
}

/** A count that can be one: endpoints send negative numbers and fractions too. */
function counted(tokens: unknown): number | undefined {
  return typeof tokens === "number" && Number.isInteger(tokens) && tokens >= 0 ? tokens : undefined;
}
