import { z } from "zod/v4";
import { option, quantity } from "./option.ts";

const budgetShape = {
  usd: option(quantity.optional(), "US dollars; needs the price of every model that is called."),
  tokens: option(quantity.optional(), "Input and output tokens together."),
};

/** A ceiling over what a run pays for. */
export interface Budget extends z.output<z.ZodObject<typeof budgetShape>> {}
/** Schema of {@link Budget}. */
export const budget: z.ZodType<Budget, Budget> = z.strictObject(budgetShape);

/** Schema of US dollars per million tokens by model id; `batchShare` is the part that is charged through the batch API. */
export const prices = z
  .record(
    z.string(),
    z.strictObject({
      inputPerMillion: quantity,
      outputPerMillion: quantity,
      cachedInputPerMillion: quantity.optional(),
      batchShare: quantity.default(1),
    }),
  )
  .readonly();

/** Schema of what an endpoint allows in a minute. */
export const rateLimits = z.strictObject({
  requestsPerMinute: quantity.optional(),
  tokensPerMinute: quantity.optional(),
});
