import { RagInstructError } from "../../errors.ts";
import type { Closable } from "../../plug-points.ts";
import type { TextReply } from "../ask-request.ts";
import type { Hold } from "../budget.ts";
import type { BatchCall, BatchLine } from "./batch-line.ts";
import type { BatchRecord } from "./batch-records.ts";
import { createLane, type Lane } from "./lane.ts";
import type { LaneTools } from "./lane-tools.ts";

/** Options of {@link openBatches}. */
export interface BatchesOptions extends Omit<LaneTools, "lines" | "closing"> {
  /** Whether the ledger has its reply. */
  isPaid(key: string): boolean;
  /** Holds room for a request that an earlier process sent. */
  seize(line: BatchRecord["lines"][number], model: string): Hold | undefined;
}

/** Questions that wait for batches. */
export interface Batches extends Closable {
  /** Whether an earlier process, or this one, has sent it and its reply is not there yet. */
  has(key: string): boolean;
  /** Resolves when the reply is in the ledger. */
  send(call: BatchCall): Promise<TextReply>;
}

/** Opens the way through the batch API, with the batches that an earlier process left; those go on when their model is asked again. */
export function openBatches(options: BatchesOptions): Batches {
  const { records, seize, isPaid } = options;
  const lines = new Map<string, BatchLine>();
  const lanes = new Map<string, Lane>();
  const closing = new AbortController();
  let broken: Error | undefined;

  const left = Map.groupBy(records.left, ({ provider, model }) => laneId(provider, model));
  for (const record of records.left) {
    for (const { key, worst } of record.lines) {
      // An earlier process may have been ended while it collected.
      if (isPaid(key)) continue;
      const sent = { key, worst };
      lines.set(key, { ...sent, hold: seize(sent, record.model), tries: 0 });
    }
  }

  function refuseAll(error: Error): void {
    broken ??= error;
    for (const line of lines.values()) line.waiter?.reject(broken);
  }
  async function laneOf(call: BatchCall): Promise<Lane> {
    const { provider, modelId } = call.model;
    const id = laneId(provider, modelId);
    const known = lanes.get(id);
    if (known) return known;
    const request = await call.capture();
    const lane =
      lanes.get(id) ??
      createLane(request, call, {
        ...options,
        lines,
        closing: closing.signal,
        stop(error) {
          options.stop(error);
          refuseAll(error);
        },
      });
    if (!lanes.has(id)) lane.resume(left.get(id) ?? []);
    lanes.set(id, lane);
    return lane;
  }
  const batches: Batches = {
    has: (key) => lines.has(key),
    async send(call) {
      const lane = await laneOf(call);
      if (broken) throw broken;
      return lane.send(call);
    },
    async close() {
      refuseAll(new RagInstructError("call-failed", "the calls were closed"));
      closing.abort(broken);
      await Promise.all([...lanes.values()].map((lane) => lane.ended()));
    },
    [Symbol.asyncDispose]: () => batches.close(),
  };
  return batches;
}

const laneId = (provider: string, model: string) => JSON.stringify([provider, model]);
