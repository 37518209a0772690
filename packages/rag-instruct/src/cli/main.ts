import { type Argument, Command, CommanderError } from "commander";
import { version } from "../version.ts";
import type { Start } from "./command.ts";
import { commands } from "./commands.ts";
import { rootHelp } from "./help.ts";
import { quietWarnings } from "./quiet-warnings.ts";
import { complainUsage, runToEnd, usageError } from "./to-end.ts";

/**
 * Runs the command line and gives the exit code: 0 done, 1 an error that says what to do, 2 a wrong command line or config,
 * 130 interrupted.
 */
export async function main(argv: readonly string[]): Promise<number> {
  quietWarnings();
  endQuietlyAtClosedPipe();
  let exitCode = 0;
  const named = commands.find(({ name }) => argv.includes(name))?.name;
  const program = createProgram(named);
  const start: Start = async (work) => {
    exitCode = await runToEnd(work, program.opts());
  };
  // Completion speaks of every command.
  await defineCommands(program, start, (name) => argv.includes(name) || argv[2] === "completion");
  try {
    await program.parseAsync(argv as string[]);
  } catch (error) {
    // Help and version are thrown too; commander has printed them.
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : usageError;
  }
  return exitCode;
}

/** A reader that has seen enough, such as head, is no error. */
function endQuietlyAtClosedPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
}

function createProgram(named: string | undefined): Command {
  const program = new Command("rag-instruct")
    .usage("<command> [options]")
    .option("--json", "print the result as JSON")
    .option("--debug", "show where an error comes from")
    .version(version)
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({ outputError: (text, write) => write(complainUsage(text, named)) })
    .exitOverride()
    .allowExcessArguments(false);
  program.helpInformation = () => rootHelp(commands);
  return program;
}

/** Adds every command to a program, and loads those that are wanted. */
async function defineCommands(program: Command, start: Start, isWanted: (name: string) => boolean): Promise<void> {
  for (const { name, summary, load } of commands) {
    const command = program.command(name).description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`);
    if (isWanted(name)) (await load()).define(command, start);
    command.helpOption("-h, --help", "this help").configureHelp({ helpWidth: 80, visibleArguments: () => [] });
    command.usage(`${command.registeredArguments.map(humanName).join(" ")} [options]`.trim());
  }
}

function humanName(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}
