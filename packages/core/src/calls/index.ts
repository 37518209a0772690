export type { AskRequest, TextReply } from "./ask.ts";
export { type Calls, type CallsOptions, type CallsSummary, openCalls } from "./calls.ts";
export { type Ledger, type LedgerEntry, openLedger, type Usage } from "./ledger.ts";
export type { PaidCall } from "./paid-call.ts";
export { retryAfter } from "./retry-after.ts";
