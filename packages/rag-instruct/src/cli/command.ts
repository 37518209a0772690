import type { Command } from "commander";
import type { ProgressView } from "./progress.ts";

/** What a command works with. */
export interface CommandContext {
  view: ProgressView;
  signal: AbortSignal;
}

/** What a command says on standard output: text for people, or with --json a value for programs. */
export interface Answer {
  text: string | AsyncIterable<string>;
  /** @default the text, which is JSON already */
  json?: unknown;
  /** @default 0 */
  exitCode?: number;
}

/** Runs a command's work to its end and prints its answer. */
export type Start = (work: (context: CommandContext) => Promise<Answer>) => Promise<void>;

/** A file in `commands/`: it adds arguments, options and examples, and imports what is heavy in its action. */
export interface CommandModule {
  define(command: Command, start: Start): void;
}

/** Adds examples after the options of a command's help. */
export function addExamples(command: Command, ...lines: string[]): Command {
  return command.addHelpText("after", `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}`);
}
