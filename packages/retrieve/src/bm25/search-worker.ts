import { parentPort, workerData } from "node:worker_threads";
import type { Postings } from "./postings.ts";
import { prepareScorer } from "./score.ts";
import { runTask, type SearchTask } from "./search-task.ts";

const score = prepareScorer(workerData as Postings);

parentPort!.on("message", (task: SearchTask) => {
  runTask(task, score);
  parentPort!.postMessage("done");
});
