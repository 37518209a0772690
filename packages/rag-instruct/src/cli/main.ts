import { type Argument, Command, CommanderError } from "commander";
import { version } from "../version.ts";
import { commands, rootHelp } from "./commands.ts";
import { complainUsage, runCommandLine, usageError } from "./run-command-line.ts";

/**
 * Runs the command line and gives the exit code: 0 done, 1 an error that says what to do, 2 a wrong command line or config,
 * 130 interrupted.
 */
export async function main(argv: readonly string[]): Promise<number> {
  quietWarnings();
  endQuietlyAtClosedPipe();
  await useProxies(process.env);
  let exitCode = 0;
  const named = commands.find(({ name }) => argv.includes(name))?.name;
  const program = createProgram(named);
  for (const { name, summary, load } of commands) {
    const command = program.command(name).description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`);
    // Completion speaks of every command. The config, whose flags a command has, is loaded with it.
    if (argv.includes(name) || argv[2] === "completion") {
      const { addDefinition } = await import("./command.ts");
      addDefinition(command, await load(), async (work) => {
        exitCode = await runCommandLine(work, program, argv);
      });
    }
    command.helpOption("-h, --help", "this help").configureHelp({ helpWidth: 80, visibleArguments: () => [] });
    command.usage(`${command.registeredArguments.map(humanName).join(" ")} [options]`.trim());
  }
  try {
    await program.parseAsync(argv.map(asNamed));
  } catch (error) {
    // Help and version are thrown too; commander has printed them.
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : usageError;
  }
  return exitCode;
}

// Other names that flags go by.
const namesOf: Readonly<Record<string, string>> = { "-V": "-v", "--paradigm": "--paradigms", "--run": "--to" };

function asNamed(word: string): string {
  const [name = "", ...value] = word.split("=");
  return Object.hasOwn(namesOf, name) ? [namesOf[name], ...value].join("=") : word;
}

function createProgram(named: string | undefined): Command {
  const program = new Command("rag-instruct")
    .usage("<command> [options]")
    .option("--json", "print the result as JSON")
    .option("--debug", "show where an error comes from")
    .version(version, "-v, --version")
    .configureHelp({ showGlobalOptions: false })
    .configureOutput({ outputError: (text, write) => write(complainUsage(text, named)) })
    .exitOverride()
    .allowExcessArguments(false);
  program.helpInformation = rootHelp;
  return program;
}

function humanName(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

/** Sends requests through the proxies that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name, as far as this Node can; never those to this machine. */
async function useProxies({ HTTP_PROXY, HTTPS_PROXY, NO_PROXY, ...env }: NodeJS.ProcessEnv): Promise<void> {
  const [plain, secure] = [HTTP_PROXY || env.http_proxy, HTTPS_PROXY || env.https_proxy];
  if (!plain && !secure) return;
  const { default: http } = await import("node:http");
  const { setGlobalProxyFromEnv } = http as { setGlobalProxyFromEnv?: (env: Record<string, string>) => void };
  const direct = [NO_PROXY || env.no_proxy, "localhost", "127.0.0.1", "::1", "[::1]"].filter(Boolean).join(",");
  setGlobalProxyFromEnv?.({ HTTP_PROXY: plain ?? "", HTTPS_PROXY: secure ?? "", NO_PROXY: direct });
}

const ours = /ExperimentalWarning|MODULE_TYPELESS_PACKAGE_JSON/;

/** Keeps what Node says of its own experimental parts, and the AI SDK of models, from standing between our lines. */
function quietWarnings(): void {
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
  process.removeAllListeners("warning");
  process.on("warning", (warning: Error & { code?: string }) => {
    if (!ours.test(`${warning.name} ${warning.code}`)) process.stderr.write(`${warning.name}: ${warning.message}\n`);
  });
}

/** A reader that has seen enough, such as head, is no error. */
function endQuietlyAtClosedPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
}
