import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

/** A process that ends with the scope that holds it, also where a test fails. */
export interface TestChild extends AsyncDisposable {
  child: ChildProcess;
  /** What it has written on standard error so far. */
  stderr(): string;
  /** Ends it at once, and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts a program from its sources. Its output is not that of the tests: one that outlives them keeps nothing open. */
export function forkChild(
  program: string,
  { env = {}, args = [] }: { env?: Record<string, string>; args?: string[] } = {},
): TestChild {
  const child = fork(program, args, {
    execArgv: ["--conditions=@rag-instruct/source"],
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let text = "";
  child.stderr!.on("data", (chunk) => {
    text += chunk;
  });
  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
  return { child, stderr: () => text, kill, [Symbol.asyncDispose]: kill };
}

const longest = 200_000;

/**
 * Waits until something is so, and looks every few milliseconds. Throws where a process ends before, and after a time that is longer than
 * any test waits: what never comes must not be waited for when the test has long failed.
 */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  { child, every = 10 }: { child?: Pick<ChildProcess, "exitCode" | "signalCode">; every?: number } = {},
): Promise<void> {
  const end = performance.now() + longest;
  while (!(await isSo())) {
    if (child && (child.exitCode !== null || child.signalCode !== null))
      throw new Error(`the process ended before: ${child.exitCode ?? child.signalCode}`);
    if (performance.now() > end) throw new Error(`it was not so in ${longest / 1000} s`);
    await sleep(every);
  }
}
