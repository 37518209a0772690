import { type ChildProcess, fork, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

/** What runs the command line from its sources. */
export const cliProgram = fileURLToPath(new URL("./run-cli.ts", import.meta.url));

/** How a command line ended. */
export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A command line for a process that runs one after another. */
export interface CliRequest {
  args: readonly string[];
  /** Address of a program that is run in the place of the command line. */
  program?: string;
  cwd: string;
  env: NodeJS.ProcessEnv;
}

interface CliOptions {
  cwd: string;
  env?: Record<string, string>;
}

const flags = ["--conditions=@rag-instruct/source"];

function environment(env: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { OPENAI_API_KEY: _key, ...clean } = process.env;
  return { ...clean, ...env };
}

// A command that a failed test left behind, such as a worker or one whose server has gone, would go on for ever, and the tests with it.
const started = new Set<ChildProcess>();
afterAll(() => {
  for (const child of started) child.kill("SIGKILL");
});

function endWithTests(child: ChildProcess): void {
  started.add(child);
  child.once("exit", () => started.delete(child));
}

/** Starts the command line from its sources, in a process of its own, which ends with the tests of its file at the latest. */
export function startCli(
  args: readonly string[],
  { cwd, env }: CliOptions,
): { child: ChildProcess; result: Promise<CliResult> } {
  const child = spawn(process.execPath, [...flags, cliProgram, ...args], {
    cwd,
    env: environment(env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  endWithTests(child);
  const text = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (text.stdout += chunk));
  child.stderr.on("data", (chunk) => (text.stderr += chunk));
  const result = new Promise<CliResult>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...text }));
  });
  return { child, result };
}

const idle: ChildProcess[] = [];

function startWarm(): ChildProcess {
  const child = fork(fileURLToPath(new URL("./warm-cli.ts", import.meta.url)), {
    execArgv: flags,
    env: environment(),
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  endWithTests(child);
  // What waits for nobody must not keep the tests from ending.
  child.unref();
  return child;
}

/**
 * Runs the command line to its end, from its sources, in a process that has run others before: starting one costs more than most
 * commands do. Runs at the same time have a process each. Where the process itself is the point, use {@link startCli}.
 */
export async function runCli(
  args: readonly string[],
  { cwd, env, program }: CliOptions & Pick<CliRequest, "program">,
): Promise<CliResult> {
  const child = idle.pop() ?? startWarm();
  const request: CliRequest = { args, program, cwd, env: environment(env) };
  const result = await new Promise<CliResult>((resolve, reject) => {
    const onExit = (code: number | null) =>
      reject(new Error(`rag-instruct ${args.join(" ")} ended its process: ${code}`));
    child.once("exit", onExit);
    child.once("message", (answer) => {
      child.off("exit", onExit);
      resolve(answer as CliResult);
    });
    child.send(request);
  });
  idle.push(child);
  return result;
}
