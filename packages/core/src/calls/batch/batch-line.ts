import type { OnProgress } from "../../plug-points.ts";
import { onAbort } from "../../waiting.ts";
import type { CapturedRequest, TextReply } from "../ask.ts";
import type { Hold } from "../budget.ts";
import type { RunStamp } from "../ledger-runs.ts";
import type { ModelObject } from "../model-http.ts";
import type { CallResult, WorstCase } from "../paid-call.ts";
import type { BatchRecords } from "./batch-records.ts";

/** How questions are sent through OpenAI's batch API. */
export interface BatchOptions {
  /** Most requests in one batch. @default 50000, the most that OpenAI takes */
  requests?: number;
  /** Most bytes of one batch's file. @default 200000000, the most that OpenAI takes */
  bytes?: number;
  /** Milliseconds without a new question after which those that have gathered are sent. @default 2000 */
  gather?: number;
  /** Milliseconds between two looks at a batch: at first, and in the end. @default { from: 5000, to: 60000 } */
  poll?: { from: number; to: number };
  /** Time that the endpoint is given. @default "24h" */
  window?: string;
  /** Batches in which one question is sent before it fails. @default 3 */
  attempts?: number;
  /** Whether a batch is cancelled when nobody waits for it any more; `"leave"` lets it go on, and the next run collects it. @default "cancel" */
  onAbort?: "cancel" | "leave";
  /** Milliseconds without any answer of the batch API, while there are failures, before all stop. @default 3600000 */
  patience?: number;
  /** Told at every look at a batch: requests done, requests in all, and in the note its id and status. */
  onProgress?: OnProgress;
}

/** Every option with its default. */
export type BatchSettings = Required<Omit<BatchOptions, "onProgress">> & Pick<BatchOptions, "onProgress">;

/** Fills the defaults in. */
export function batchSettings(options: BatchOptions): BatchSettings {
  return {
    requests: 50_000,
    bytes: 200_000_000,
    gather: 2000,
    poll: { from: 5000, to: 60_000 },
    window: "24h",
    attempts: 3,
    onAbort: "cancel",
    patience: 3_600_000,
    ...options,
  };
}

/** A question on its way to a batch. */
export interface BatchCall {
  /** Its ledger key. */
  key: string;
  model: ModelObject;
  worst: WorstCase;
  /** Whether its endpoint is on this machine, where no list price holds. */
  isLocal?: boolean;
  stamp: RunStamp;
  /** Waits for room in the budget. */
  hold(): Promise<Hold | undefined>;
  /** The request as it is to be sent now; made anew each time, because an endpoint may turn out to take no schema. */
  capture(): Promise<CapturedRequest>;
  secrets(): Promise<readonly string[]>;
  signal: AbortSignal;
}

/** One request, from the moment it is queued until its reply is in the ledger. */
export interface BatchLine {
  key: string;
  worst?: WorstCase;
  isLocal?: boolean;
  stamp: RunStamp;
  hold: Hold | undefined;
  /** Batches that it was sent in without an answer. */
  tries: number;
  /** Nobody, where an earlier process sent it or the caller has given up. */
  waiter?: Waiter | undefined;
  /** Those who wait for the batch that it was sent in; none while it is queued. */
  audience?: Audience | undefined;
}

/** Whoever waits for the reply to a line. */
interface Waiter {
  call: BatchCall;
  resolve(reply: TextReply): void;
  reject(error: unknown): void;
}

/** Whether anybody still waits for a batch. */
interface Audience {
  join(): void;
  leave(): void;
  /** Aborts when the last one has left. */
  readonly gone: AbortSignal;
}

/** Counts those who wait for a batch. */
export function openAudience(): Audience {
  const gone = new AbortController();
  let size = 0;
  return {
    join() {
      size++;
    },
    leave() {
      if (--size === 0) gone.abort();
    },
    gone: gone.signal,
  };
}

/** Waits for the reply to a line, until the caller gives up. */
export function waitFor(line: BatchLine, call: BatchCall): Promise<TextReply> {
  const { signal } = call;
  return new Promise((resolve, reject) => {
    let stopListening = () => {};
    const leave = (settled: () => void) => {
      line.waiter = undefined;
      stopListening();
      settled();
    };
    line.audience?.join();
    line.waiter = {
      call,
      resolve: (reply) => leave(() => resolve(reply)),
      reject: (error) => leave(() => reject(error)),
    };
    stopListening = onAbort(signal, () => {
      leave(() => reject(signal.reason));
      line.audience?.leave();
    });
  });
}

/** What the batches of one model need of the calls around it. */
export interface BatchTools {
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
  /** Keeps a refused prompt in the ledger. */
  noteRefusal(line: BatchLine, model: string, refusal: { reason: string; isCertain: boolean }): Promise<void>;
  /** Forces the ledger to disk. */
  sync(): Promise<void>;
  /** Stops all calls of the run. */
  stop(error: Error): void;
  /** Counts a request that is sent once more. */
  onAgain(): void;
}
