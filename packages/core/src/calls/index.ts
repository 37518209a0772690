export { type CallsSummary, costOf, type Price, priceOf } from "./account.ts";
export type { AskRequest, TextReply } from "./ask.ts";
export type { BatchOptions } from "./batch/batch-queue.ts";
export { type BudgetLimits, type SharedBudget, sharedBudget } from "./budget.ts";
export { type Calls, type CallsOptions, type LazyCalls, lazyCalls, openCalls } from "./calls.ts";
export { type CheckModelOptions, checkLanguageModel, listModels, type ModelProbe, probeModel } from "./check-model.ts";
export { type Failure, judgeFailure } from "./failure.ts";
export { type FsyncPolicy, type Ledger, type LedgerEntry, memoryLedger, openLedger, type Usage } from "./ledger.ts";
export { memoryLimiter, type RateLimits } from "./limiter.ts";
export { isOnLoopback, isSecretHeader, type ModelObject, patientFetch, patientModel, runsHere } from "./model-http.ts";
export type { CallResult, Deadline, PaidCall, WorstCase } from "./paid-call.ts";
export { retryAfter } from "./rate-headers.ts";
export type { ReplyEnd, ReplyEndReason } from "./read-reply.ts";
export {
  type CarriesChanges,
  changeRequests,
  type ModelSettings,
  optionsUnder,
  takeChange,
  withoutSecrets,
} from "./settings.ts";
