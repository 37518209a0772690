import { parentPort, workerData } from "node:worker_threads";
import { RagInstructError } from "@rag-instruct/core";
import { knownAnalyzer } from "./analyzers.ts";
import type { FromBuildThread, ToBuildThread } from "./build-threads.ts";
import { type ChunkCounter, chunkCounter } from "./chunk-counter.ts";
import { type RangeMerger, rangeMerger } from "./merge-range.ts";

const { analyzer, folder } = workerData as { analyzer: string; folder: string };
let counter: ChunkCounter | undefined = chunkCounter(knownAnalyzer(analyzer)!, { folder });
let merger: RangeMerger | undefined;

parentPort!.on("message", async (message: ToBuildThread) => {
  try {
    if ("chunk" in message) {
      tell({ brought: counter!.read(message.chunk) });
    } else if ("numbers" in message) {
      tell({ written: await counter!.write(message) });
    } else if ("plan" in message) {
      // Its memory goes to the merge.
      counter = undefined;
      merger = rangeMerger(message.plan);
    } else {
      tell({ merged: await merger!.merge(message.range) });
    }
  } catch (error) {
    // An error loses its code on the way between threads.
    if (!RagInstructError.is(error)) throw error;
    tell({ failed: { code: error.code, message: error.message } });
  }
});

function tell(message: FromBuildThread): void {
  parentPort!.postMessage(message);
}
