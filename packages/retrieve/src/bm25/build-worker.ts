import { parentPort, workerData } from "node:worker_threads";
import { RagInstructError } from "@rag-instruct/core";
import { knownAnalyzer } from "./analyzers.ts";
import type { FromBuildThread, ToBuildThread } from "./build-threads.ts";
import { countChunk } from "./count-chunk.ts";
import { runBuffer } from "./runs.ts";
import { termCounter } from "./term-counter.ts";

const { analyzer, folder } = workerData as { analyzer: string; folder: string };
const counter = termCounter(knownAnalyzer(analyzer)!);
const buffer = runBuffer(1 << 20);
// The index's number of each term of this thread's.
let numbers = new Uint32Array(1 << 12);
let known = 0;
let chunk = 0;

parentPort!.on("message", async (message: ToBuildThread) => {
  if ("bytes" in message) {
    chunk = message.number;
    const length = countChunk(message, counter, buffer);
    const { bytes, offsets, size } = counter.terms;
    const start = offsets[known]!;
    tell({
      length,
      bytes: bytes.slice(start, offsets[size]),
      offsets: offsets.slice(known, size + 1).map((offset) => offset - start),
    });
    return;
  }
  learn(message.numbers);
  try {
    tell({ counts: await buffer.write({ folder, name: String(chunk), terms: message.terms }, numbers) });
  } catch (error) {
    // An error loses its code on the way between threads.
    if (!RagInstructError.is(error)) throw error;
    tell({ failed: { code: error.code, message: error.message } });
  }
});

function learn(more: Uint32Array): void {
  if (known + more.length > numbers.length) {
    const larger = new Uint32Array((known + more.length) * 2);
    larger.set(numbers);
    numbers = larger;
  }
  numbers.set(more, known);
  known += more.length;
}

function tell(message: FromBuildThread): void {
  parentPort!.postMessage(message);
}
