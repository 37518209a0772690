import { RagInstructError } from "@rag-instruct/core";
import { createProgressView, type ProgressView } from "./progress.ts";

const interrupted = 130;

/** What a command works with. */
export interface CommandContext {
  view: ProgressView;
  signal: AbortSignal;
}

/** Gives an error one line, and its stack when asked to; the exit code is 1. */
export function complain(error: unknown, { debug }: { debug: boolean }): number {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`error: ${message.replace(/\s+/g, " ")}\n`);
  if (debug && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  else if (!RagInstructError.is(error)) {
    process.stderr.write("This should not have happened; --debug shows where it comes from.\n");
  }
  return 1;
}

/**
 * Runs a command to its end, prints what it says on standard output, and gives the exit code: 0 done, 1 an error, 130
 * interrupted. A second Ctrl-C ends the process at once.
 */
export async function runToEnd(
  command: (context: CommandContext) => Promise<string>,
  { debug }: { debug: boolean },
): Promise<number> {
  const controller = new AbortController();
  const stop = () => controller.abort(new DOMException("interrupted", "AbortError"));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  const view = createProgressView(process.stderr);
  try {
    const said = await command({ view, signal: controller.signal });
    view.clear();
    process.stdout.write(said);
    return 0;
  } catch (error) {
    view.clear();
    if (!controller.signal.aborted) return complain(error, { debug });
    process.stderr.write("Stopped. Nothing is lost: run the same command again to go on from here.\n");
    return interrupted;
  } finally {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  }
}
