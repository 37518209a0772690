import { workerData } from "node:worker_threads";
import { serveThread } from "@rag-instruct/core/node";
import { scanTasks } from "./scan-tasks.ts";

serveThread(scanTasks(workerData));
