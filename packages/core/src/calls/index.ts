export type { AskRequest, TextReply } from "./ask-request.ts";
export type { BudgetLimits } from "./budget.ts";
export { type Calls, type CallsOptions, type CallsSummary, openCalls } from "./calls.ts";
export type { Deadline } from "./deadline.ts";
export { type FsyncPolicy, type Ledger, type LedgerEntry, openLedger, type Usage } from "./ledger.ts";
export { memoryLimiter, type RateLimits } from "./limiter.ts";
export type { CallResult, PaidCall, WorstCase } from "./paid-call.ts";
export { costOf, type Price, priceOf } from "./prices.ts";
export { retryAfter } from "./retry-after.ts";
