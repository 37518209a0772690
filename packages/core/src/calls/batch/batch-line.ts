import { onAbort } from "../../waiting.ts";
import type { AskRequest, TextReply } from "../ask-request.ts";
import type { Hold } from "../budget.ts";
import type { WorstCase } from "../paid-call.ts";
import type { CapturedRequest } from "./http-exchange.ts";

/** A question on its way to a batch. */
export interface BatchCall {
  /** Its ledger key. */
  key: string;
  model: AskRequest["model"];
  worst: WorstCase;
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
  hold: Hold | undefined;
  /** Batches that it was sent in without an answer. */
  tries: number;
  /** Nobody, where an earlier process sent it or the caller has given up. */
  waiter?: Waiter | undefined;
  /** Those who wait for the batch that it was sent in; none while it is queued. */
  audience?: Audience | undefined;
}

/** Whoever waits for the reply to a line. */
export interface Waiter {
  call: BatchCall;
  resolve(reply: TextReply): void;
  reject(error: unknown): void;
}

/** Whether anybody still waits for a batch. */
export interface Audience {
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
