export type { AskRequest, TextReply } from "./ask.ts";
export { type Calls, type CallsOptions, type CallsSummary, openCalls, type PaidCall } from "./calls.ts";
export { type Ledger, type LedgerEntry, openLedger, type Usage } from "./ledger.ts";
export { retryAfter } from "./retry-after.ts";
