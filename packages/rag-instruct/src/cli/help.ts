import type { CommandEntry } from "./commands.ts";

/** The help of the program itself: every command in a line, on one screen. */
export function rootHelp(commands: readonly CommandEntry[]): string {
  const lines = commands.map(
    ({ name, summary, isStage }) => `  ${isStage ? "  " : ""}${name.padEnd(isStage ? 11 : 13)}${summary}`,
  );
  return [
    "Usage: rag-instruct <command> [options]",
    "",
    ...lines,
    "",
    "Every command takes --help, --json and --debug; --version says which this is.",
    "Exit codes: 0 done, 1 error, 2 wrong command line or config, 130 interrupted.",
    "Start here: rag-instruct init",
    "",
  ].join("\n");
}
