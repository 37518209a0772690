import { programName, RagInstructError, shellWord } from "@rag-instruct/core";
import { type Argument, Command, CommanderError } from "commander";
import { version } from "../version.ts";
import type { Answer, CommandContext } from "./command.ts";
import { commands, rootHelp } from "./commands.ts";
import { paint } from "./note.ts";

/**
 * Runs the command line and gives the exit code: 0 done, 1 an error that says what to do, 2 a wrong command line or config,
 * 130 interrupted.
 */
export async function main(argv: readonly string[]): Promise<number> {
  quietWarnings();
  endQuietlyAtClosedPipe();
  await useProxies(process.env);
  let exitCode = 0;
  // The first word that is one: what follows may be a folder of the same name.
  const named = argv.slice(2).find((word) => commands.some(({ name }) => name === word));
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
    .configureOutput({
      writeOut: (text) => process.stdout.write(text.replace(/\brag-instruct(?= [a-z<])/g, programName())),
      outputError: (text, write) => write(complainUsage(text, named)),
    })
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

/** Exit code of a wrong command line or config, where nothing was done. */
const usageError = 2;
const [failed, interrupted] = [1, 130];
const stopSignals = ["SIGINT", "SIGTERM"] as const;
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
async function runCommandLine(
  work: (context: CommandContext) => Promise<Answer>,
  program: Command,
  argv: readonly string[],
): Promise<number> {
  const { json = false, debug = false } = program.opts<GlobalFlags>();
  const controller = new AbortController();
  let saying: NodeJS.Timeout | undefined;
  const stop = () => {
    controller.abort(new DOMException("interrupted", "AbortError"));
    saying = setTimeout(() => view.say(["Waits for answers that are under way, and keeps them; Ctrl-C ends it."]), 500);
  };
  for (const signal of stopSignals) process.once(signal, stop);
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
    clearTimeout(saying);
    for (const signal of stopSignals) process.off(signal, stop);
  }
}

/** Arguments as a shell reads them, without the user and password of an address. */
function asTyped(argv: readonly string[]): string {
  return [programName(), ...argv.slice(2).map(shellWord)].join(" ").replace(/(?<=:\/\/)[^/@\s]+@/g, "");
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
function complainUsage(text: string, command: string | undefined): string {
  const where = command === undefined ? "" : ` ${command}`;
  return `${paint("red", "error:")} ${text
    .replace(/^error: /, "")
    .trim()
    .replace(/\s+/g, " ")}; see ${programName()}${where} --help\n`;
}

async function print(text: string | AsyncIterable<string>): Promise<void> {
  for await (const chunk of typeof text === "string" ? [text] : text) {
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
  }
}
