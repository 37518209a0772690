import type { TextReply } from "../ask-request.ts";
import type { CallResult } from "../paid-call.ts";
import type { BatchLine } from "./batch-line.ts";
import type { BatchSettings } from "./batch-options.ts";
import type { BatchRecords } from "./batch-records.ts";

/** What a lane needs of the calls around it. */
export interface LaneTools {
  records: BatchRecords;
  settings: BatchSettings;
  /** All lines that are queued or sent, by key. */
  lines: Map<string, BatchLine>;
  closing: AbortSignal;
  /** Requests of one batch that are refused, and none answered, before all stop. */
  breakAfter: number;
  /** Makes a call of the batch API at the pace of all others, until it is answered. */
  reach<T>(
    action: (signal: AbortSignal) => Promise<T>,
    options: { name: string; model: string; signal: AbortSignal; secrets: () => Promise<readonly string[]> },
  ): Promise<T>;
  /** Puts a reply into the ledger. */
  land(line: BatchLine, model: string, result: CallResult<TextReply>): Promise<void>;
  /** Forces the ledger to disk. */
  sync(): Promise<void>;
  /** Stops all calls of the run. */
  stop(error: Error): void;
  /** Counts a request that is sent once more. */
  onAgain(): void;
}
