import { workerData } from "node:worker_threads";
import type { Vectors } from "@rag-instruct/core";
import { serveThread } from "@rag-instruct/core/node";
import type { TokenIds } from "./graph-io.ts";
import { openSession, type SessionOptions } from "./session.ts";

// ONNX Runtime's Node binding blocks its thread while a batch runs, so each model has a thread that does nothing else.
const session = openSession(workerData as SessionOptions);

serveThread<TokenIds, Vectors>(
  session.then(({ dimensions, run }) => ({ run, opened: { dimensions } })),
  { transfer: ({ data }) => [data.buffer as ArrayBuffer] },
);
