import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Whether a command can be run on a terminal of its own here: by `script` of util-linux. */
export const hasTerminal = process.platform === "linux" && existsSync("/usr/bin/script");

/** What is typed when a question is seen. */
export interface Typed {
  when: RegExp;
  keys: string;
}

// A question that is on the screen takes keys a moment later.
const settle = 300;

/** Runs a command line on a terminal, types as a person would, and gives the exit code and everything that was shown. */
export async function onTerminal(
  command: string,
  {
    cwd,
    env,
    typed,
    columns = 80,
    patience = 120_000,
  }: { cwd: string; env: NodeJS.ProcessEnv; typed: readonly Typed[]; columns?: number; patience?: number },
): Promise<{ code: number | null; shown: string }> {
  const child = spawn("/usr/bin/script", ["-qec", `stty columns ${columns} rows 40; ${command}`, "/dev/null"], {
    cwd,
    env: { ...env, TERM: "xterm" },
  });
  let shown = "";
  let answered = 0;
  child.stdout.on("data", (chunk) => (shown += chunk));
  let isLate = false;
  const impatient = setTimeout(() => {
    isLate = true;
    child.kill();
  }, patience);
  const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  for (const { when, keys } of typed) {
    while (!when.test(shown.slice(answered)) && child.exitCode === null && child.signalCode === null) await sleep(20);
    answered = shown.length;
    await sleep(settle);
    child.stdin.write(keys, () => {});
  }
  const code = await ended;
  clearTimeout(impatient);
  if (isLate) throw new Error(`${command} did not end; the last that it showed: ${shown.slice(-500)}`);
  return { code, shown };
}
