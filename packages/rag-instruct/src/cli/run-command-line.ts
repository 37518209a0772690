import { RagInstructError, shellWord } from "@rag-instruct/core";
import type { Command } from "commander";
import type { Answer, CommandContext } from "./command.ts";
import { paint } from "./note.ts";

/** Exit code of a wrong command line or config, where nothing was done. */
export const usageError = 2;
const failed = 1;
const interrupted = 130;
const usageCodes: ReadonlySet<string> = new Set(["bad-option", "unknown-paradigm"]);

/** The flags that every command takes. */
interface GlobalFlags {
  json?: boolean;
  debug?: boolean;
}

/**
 * Runs a command to its end, prints its answer on standard output, and gives the exit code. A second Ctrl-C ends the
 * process at once.
 */
export async function runCommandLine(
  work: (context: CommandContext) => Promise<Answer>,
  program: Command,
  argv: readonly string[],
): Promise<number> {
  const { json = false, debug = false } = program.opts<GlobalFlags>();
  const controller = new AbortController();
  const stop = () => controller.abort(new DOMException("interrupted", "AbortError"));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  const { ProgressView } = await import("@rag-instruct/core/node");
  const view = new ProgressView(process.stderr);
  try {
    const answer = await work({ view, signal: controller.signal, program, commandLine: asTyped(argv) });
    view.clear();
    await print(json && answer.json !== undefined ? `${JSON.stringify(answer.json, null, 2)}\n` : answer.text);
    return answer.exitCode ?? 0;
  } catch (error) {
    view.clear();
    if (!controller.signal.aborted) return complain(error, { json, debug });
    process.stderr.write("Stopped. Nothing is lost: run the same command again to go on from here.\n");
    return interrupted;
  } finally {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  }
}

/** Arguments as a shell reads them, without the user and password of an address. */
function asTyped(argv: readonly string[]): string {
  return ["rag-instruct", ...argv.slice(2).map(shellWord)].join(" ").replace(/(?<=:\/\/)[^/@\s]+@/g, "");
}

/** Gives an error one line, with --json also an object on standard output, and its stack when asked to. */
function complain(error: unknown, { json, debug }: { json: boolean; debug: boolean }): number {
  const message = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ");
  const code = RagInstructError.is(error) ? error.code : "unexpected";
  process.stderr.write(`${paint("red", "error:")} ${message}\n`);
  if (debug && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  else if (code === "unexpected")
    process.stderr.write("This should not have happened; --debug shows where it comes from.\n");
  if (json) process.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
  return usageCodes.has(code) ? usageError : failed;
}

/** What commander has to say of a wrong command line, in one line with the next step. */
export function complainUsage(text: string, command: string | undefined): string {
  const where = command === undefined ? "" : ` ${command}`;
  return `${paint("red", "error:")} ${text
    .replace(/^error: /, "")
    .trim()
    .replace(/\s+/g, " ")}; see rag-instruct${where} --help\n`;
}

async function print(text: string | AsyncIterable<string>): Promise<void> {
  for await (const chunk of typeof text === "string" ? [text] : text) {
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
  }
}
