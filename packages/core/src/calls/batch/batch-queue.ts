import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { RagInstructError } from "../../errors.ts";
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

/** Gathers lines to drafts. */
export interface DraftQueue {
  /** Requests in one batch from now on. */
  maxRequests: number;
  /** Bytes of one batch's file from now on. */
  maxBytes: number;
  add(line: BatchLine, text: string): void;
  /** Hands on what has gathered. */
  flush(): void;
}

/** Gathers lines, and hands a draft on when it is full or nothing has come for a while. */
export function openDraftQueue({
  pathOf,
  settings: { requests, bytes, gather },
  onDraft,
}: {
  pathOf: (name: string) => string;
  settings: BatchSettings;
  onDraft: (draft: Draft) => void;
}): DraftQueue {
  let draft: Draft | undefined;
  let timer: NodeJS.Timeout | undefined;
  const queue: DraftQueue = {
    maxRequests: requests,
    maxBytes: bytes,
    add(line, text) {
      if (draft && !draft.add(line, text)) queue.flush();
      if (!draft) {
        draft = openDraft(pathOf, { requests: queue.maxRequests, bytes: queue.maxBytes });
        draft.add(line, text);
      }
      if (draft.lines.length >= queue.maxRequests) return queue.flush();
      timer ??= setTimeout(() => queue.flush(), gather);
      timer.refresh();
    },
    flush() {
      clearTimeout(timer);
      timer = undefined;
      const gathered = draft;
      draft = undefined;
      gathered?.finish();
      if (gathered) onDraft(gathered);
    },
  };
  return queue;
}

/** A batch that is gathering: its requests go to a file as they come, so that memory holds none of them. */
export interface Draft {
  readonly name: string;
  readonly lines: readonly BatchLine[];
  /** False where there is no room for it any more. Throws `file-unwritable`. */
  add(line: BatchLine, text: string): boolean;
  /** Ends the file. */
  finish(): void;
}

/** One line of a batch's file. */
export function requestLine(key: string, path: string, { body }: CapturedRequest): string {
  return `{"custom_id":"${key}","method":"POST","url":"${path}","body":${body}}\n`;
}

const maxTries = 3;

/** Opens a draft under a new name. Throws `file-unwritable`. */
function openDraft(
  pathOf: (name: string) => string,
  { requests, bytes: maxBytes }: Pick<BatchSettings, "requests" | "bytes">,
): Draft {
  const name = `rag-instruct-${randomBytes(8).toString("hex")}`;
  const path = pathOf(name);
  const file = naming(path, () => {
    for (let tries = 1; ; tries++) {
      mkdirSync(dirname(path), { recursive: true });
      try {
        return openSync(path, "wx");
      } catch (error) {
        // The last batch before this one may take the folder away in between.
        if ((error as NodeJS.ErrnoException).code !== "ENOENT" || tries >= maxTries) throw error;
      }
    }
  });
  const lines: BatchLine[] = [];
  let bytes = 0;
  return {
    name,
    lines,
    add(line, text) {
      const size = Buffer.byteLength(text);
      if (lines.length >= requests || (lines.length > 0 && bytes + size > maxBytes)) return false;
      naming(path, () => writeSync(file, text));
      bytes += size;
      lines.push(line);
      return true;
    },
    finish: () => closeSync(file),
  };
}

function naming<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ENOSPC" ? "the disk is full" : message;
    throw new RagInstructError("file-unwritable", `cannot write ${path}: ${why}`, { cause: error });
  }
}
