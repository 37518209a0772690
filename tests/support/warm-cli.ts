import { main } from "../../packages/rag-instruct/src/cli/main.ts";
import type { CliRequest, CliResult } from "./cli.ts";

// Runs command lines one after another, each as if it had this process to itself: starting a process for each would take most of
// the time of the tests.

// Each run listens once more.
process.stdout.setMaxListeners(0);
let last = Promise.resolve();
process.on("message", (request: CliRequest) => {
  last = last.then(async () => void process.send!(await runOne(request)));
});

async function runOne({ args, program, cwd, env }: CliRequest): Promise<CliResult> {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(cwd);
  const written = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    process[name].write = (chunk: string | Uint8Array, ...more: unknown[]) => {
      written[name] += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
      const onWritten = more.find((each) => typeof each === "function");
      if (onWritten) process.nextTick(onWritten);
      return true;
    };
  }
  const code = await (program ? runProgram(program) : main([process.execPath, "rag-instruct", ...args]));
  return { code, ...written };
}

async function runProgram(program: string): Promise<number> {
  try {
    await import(program);
    return 0;
  } catch (error) {
    process.stderr.write(String(error));
    return 1;
  }
}
