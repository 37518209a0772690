import { parentPort, workerData } from "node:worker_threads";
import { RagInstructError } from "@rag-instruct/core";
import type { ScanTask } from "./scan-task.ts";
import { scanTasks } from "./scan-tasks.ts";

const run = scanTasks(workerData);

parentPort!.on("message", async (task: ScanTask) => {
  try {
    await run(task);
    parentPort!.postMessage(undefined);
  } catch (error) {
    if (!RagInstructError.is(error)) throw error;
    parentPort!.postMessage({ code: error.code, message: error.message });
  }
});
