import type { Deadline } from "./deadline.ts";
import type { Usage } from "./ledger.ts";

/** What a call may take at most, known before it starts. */
export interface WorstCase {
  inputTokens: number;
  outputTokens: number;
}

/** What a call gave. */
export interface CallResult<T> {
  value: T;
  usage: Usage;
  /** Headers of the answer, for what they say of the endpoint's limits. */
  headers?: Readonly<Record<string, string>>;
}

/** One paid call of any kind. */
export interface PaidCall<T> {
  /** Everything the reply depends on, as JSON: endpoint, model, prompt, parameters. Hashed into the ledger key. */
  key: unknown;
  /** Id of the model, for its price and its limits. */
  model?: string;
  /** What it may take at most. Needed when there is a budget or a limit of tokens. */
  worst?: WorstCase;
  /** Makes the call. The value must survive JSON, because the ledger gives it back next time. */
  execute(signal: AbortSignal): Promise<CallResult<T>>;
  /** Words that no error may show, such as the key; asked for when a call fails. */
  secrets?(): readonly string[] | Promise<readonly string[]>;
  /** Shared by the calls of one task. @default a new one of the run's `deadline` */
  deadline?: Deadline;
  signal?: AbortSignal;
}
