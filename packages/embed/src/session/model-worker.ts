import { parentPort, workerData } from "node:worker_threads";
import { RagInstructError } from "@rag-instruct/core";
import type { WorkerReply } from "./model-threads.ts";
import { openSession, type SessionOptions } from "./session.ts";

// ONNX Runtime's Node binding holds its thread while a batch runs: here that is nobody's but its own.
const session = openSession(workerData as SessionOptions);

function reply(message: WorkerReply, memory: ArrayBuffer[] = []): void {
  parentPort!.postMessage(message, memory);
}

function fail(error: unknown): void {
  const { message } = error as Error;
  reply({ failed: { code: RagInstructError.is(error) ? error.code : "call-failed", message } });
}

session.then(({ dimensions }) => reply({ opened: { dimensions } }), fail);

parentPort!.on("message", async (texts: number[][]) => {
  try {
    const vectors = await (await session).run(texts);
    reply({ vectors }, [vectors.data.buffer as ArrayBuffer]);
  } catch (error) {
    fail(error);
  }
});
