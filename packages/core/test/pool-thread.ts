// A thread for the tests of ThreadPool: does what a task says.
import { workerData } from "node:worker_threads";
import { RagInstructError } from "../src/errors.ts";
import { serveThread } from "../src/node/thread-pool.ts";

export type Task =
  | { echo: unknown }
  | { wait: Int32Array; echo: unknown }
  | { add: Int32Array }
  | { fail: string }
  | { failWithCode: string }
  | { crash: string }
  | { exit: number }
  | { memory: number };

let count = 0;

async function run(task: Task): Promise<unknown> {
  count++;
  if ("wait" in task) {
    const { value } = Atomics.waitAsync(task.wait, 0, 0);
    await value;
    return task.echo;
  }
  if ("echo" in task) return task.echo;
  if ("add" in task) return Atomics.add(task.add, 0, 1);
  if ("fail" in task) throw new Error(task.fail);
  if ("failWithCode" in task) throw new RagInstructError("file-corrupt", task.failWithCode);
  if ("memory" in task) return { count, bytes: new Uint8Array(task.memory) };
  if ("exit" in task) process.exit(task.exit);
  setTimeout(() => {
    throw new Error(task.crash);
  });
  return new Promise(() => {});
}

const { opened, refuse } = workerData as { opened?: unknown; refuse?: string };

serveThread<Task, unknown>(
  refuse === undefined
    ? Promise.resolve({ run, opened })
    : Promise.reject(new RagInstructError("model-mismatch", refuse)),
  {
    transfer: (reply) =>
      reply && typeof reply === "object" && "bytes" in reply ? [(reply.bytes as Uint8Array).buffer as ArrayBuffer] : [],
  },
);
