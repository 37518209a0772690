import type { Ledger, SharedBudget } from "@rag-instruct/core/calls";
import type { ExpectedCalls } from "@rag-instruct/simulate";

/** Told what is about to be called and paid for, before the first call; what it throws stops the command. */
export type BeforeCalls = (expected: ExpectedCalls) => void | Promise<void>;

/** Who pays for calls in the place of the run that they are made in. */
export interface Paying {
  budget: SharedBudget;
  /** Keeps the replies. @default a file of the run */
  ledger?: Ledger;
  /** Told before the first call; what it throws stops it. */
  beforeCalls?: BeforeCalls;
}
