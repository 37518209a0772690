import type { Usage } from "./ledger.ts";

/** What a call may take at most, known before it starts. */
export interface WorstCase {
  inputTokens: number;
  outputTokens: number;
}

/** One paid call of any kind. */
export interface PaidCall<T> {
  /** Everything the reply depends on, as JSON: endpoint, model, prompt, parameters. Hashed into the ledger key. */
  key: unknown;
  /** Id of the model, for its price. */
  model?: string;
  /** What it may take at most. Needed when there is a budget or a limit of tokens. */
  worst?: WorstCase;
  /** Makes the call. The value must survive JSON, because the ledger gives it back next time. */
  execute(signal: AbortSignal): Promise<{ value: T; usage: Usage }>;
  signal?: AbortSignal;
}
