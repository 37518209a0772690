import { workerData } from "node:worker_threads";
import { serveThread } from "@rag-instruct/core/node";
import type { Postings } from "./postings.ts";
import { prepareScorer, runTask, type SearchTask } from "./scorer.ts";

const score = prepareScorer(workerData as Postings);

serveThread((task: SearchTask) => runTask(task, score));
