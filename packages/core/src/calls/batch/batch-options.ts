import type { OnProgress } from "../../progress.ts";

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
