import { parentPort, workerData } from "node:worker_threads";
import type { Postings } from "./postings.ts";
import { prepareScorer, runTask, type SearchTask } from "./scorer.ts";

const score = prepareScorer(workerData as Postings);

parentPort!.on("message", (task: SearchTask) => {
  runTask(task, score);
  parentPort!.postMessage("done");
});
