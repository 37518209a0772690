import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("./worker-child.ts", import.meta.url));

/** Workers in processes of their own, ended with the scope that holds them. */
export interface WorkerProcesses extends AsyncDisposable {
  children: ChildProcess[];
}

/** Starts workers and waits until all of them serve. */
export async function workerProcesses(
  count: number,
  {
    redis,
    lockFor = 3000,
    concurrency = 8,
    trust,
  }: { redis: string; lockFor?: number; concurrency?: number; trust?: string },
): Promise<WorkerProcesses> {
  const children = Array.from({ length: count }, () =>
    fork(script, {
      execArgv: ["--conditions=@rag-instruct/source"],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      env: {
        ...process.env,
        WORKER_REDIS: redis,
        WORKER_LOCK: String(lockFor),
        WORKER_CONCURRENCY: String(concurrency),
        NODE_EXTRA_CA_CERTS: trust ?? process.env.NODE_EXTRA_CA_CERTS,
      },
    }),
  );
  await Promise.all(children.map((child) => once(child, "message")));
  return {
    children,
    async [Symbol.asyncDispose]() {
      const alive = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
      const exits = alive.map((child) => once(child, "exit"));
      for (const child of alive) child.kill("SIGKILL");
      await Promise.all(exits);
    },
  };
}
