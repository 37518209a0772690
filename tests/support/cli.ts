import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What runs the command line from its sources. */
export const cliProgram = fileURLToPath(new URL("./run-cli.ts", import.meta.url));

/** How a command line ended. */
export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Starts the command line from its sources, in a process of its own. */
export function startCli(
  args: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
): {
  child: ChildProcess;
  result: Promise<CliResult>;
} {
  const { OPENAI_API_KEY: _key, ...clean } = process.env;
  const child = spawn(process.execPath, ["--conditions=@rag-instruct/source", cliProgram, ...args], {
    cwd,
    env: { ...clean, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (text.stdout += chunk));
  child.stderr.on("data", (chunk) => (text.stderr += chunk));
  const result = new Promise<CliResult>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...text }));
  });
  return { child, result };
}

/** Runs the command line to its end. */
export function runCli(
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string> },
): Promise<CliResult> {
  return startCli(args, options).result;
}
