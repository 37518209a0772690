import type { Usage } from "./ledger.ts";

/** One paid call of any kind. */
export interface PaidCall<T> {
  /** Everything the reply depends on, as JSON: endpoint, model, prompt, parameters. Hashed into the ledger key. */
  key: unknown;
  /** Makes the call. The value must survive JSON, because the ledger gives it back next time. */
  execute(signal: AbortSignal): Promise<{ value: T; usage: Usage }>;
  signal?: AbortSignal;
}
