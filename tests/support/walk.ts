import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "vitest";
import { type CliResult, runCli, startCli } from "./cli.ts";

/** A section of a page, with what a reader would type, in its order. */
export interface Section {
  heading: string;
  steps: Step[];
}

/** A command line, or a program. */
export interface Step {
  line: number;
  kind: "sh" | "ts";
  text: string;
}

/** How the steps of a page are taken. */
export interface WalkOptions {
  /** The folder that a reader is in. */
  place: string;
  env: Record<string, string>;
  /** What stands here for what a reader has, such as the address of a server, or for a number that would take long. */
  instead: readonly (readonly [RegExp | string, string])[];
  /** Why a step is not taken, by words of it. */
  cannot?: Readonly<Record<string, string>>;
  /** What a step may say that ends in an error all the same. @default none may */
  mayEnd?: RegExp;
}

/** The shell commands and the TypeScript of a page, by its sections. */
export async function sectionsOf(file: string): Promise<Section[]> {
  const page = await readFile(file, "utf8");
  const sections: Section[] = [];
  for (const found of page.matchAll(/^#+ (?<heading>.*)$|^```(?<kind>sh|bash|ts)\n(?<text>[\s\S]*?)^```/gm)) {
    const { heading, kind, text = "" } = found.groups!;
    if (heading !== undefined) sections.push({ heading, steps: [] });
    else {
      const line = page.slice(0, found.index).split("\n").length + 1;
      const commands = text.replaceAll("\\\n", " ").split("\n");
      const steps =
        kind === "ts"
          ? [{ line, kind, text } as const]
          : commands.map((each) => ({ line, kind: "sh", text: each }) as const);
      sections.at(-1)!.steps.push(...steps.filter((step) => !/^\s*(?:#.*)?$/.test(step.text)));
    }
  }
  return sections.filter(({ steps }) => steps.length > 0);
}

/** Takes the steps of a section one after another, and expects each to succeed. */
export async function walk({ steps }: Section, options: WalkOptions): Promise<void> {
  for (const [i, step] of steps.entries()) {
    if (Object.keys(options.cannot ?? {}).some((words) => step.text.includes(words))) continue;
    let text = step.text;
    for (const [what, by] of options.instead)
      text = text.replaceAll(what instanceof RegExp ? new RegExp(what, "g") : what, by);
    // Whoever names documents begins a run of them, and what stands before is another beginning.
    if (/\brun .*handbook\/|ragInstruct\(/.test(text))
      await rm(join(options.place, "run"), { recursive: true, force: true });
    const { code, stdout, stderr } = await (step.kind === "ts"
      ? runProgram(text, `step-${i}`, options)
      : runLine(text, options));
    if (!options.mayEnd?.test(stderr)) expect(code, `line ${step.line}: ${text}\n${stdout}\n${stderr}`).toBe(0);
  }
}

async function runProgram(text: string, name: string, { place, env }: WalkOptions): Promise<CliResult> {
  const file = join(place, `${name}.ts`);
  await writeFile(file, text);
  return runCli([], { cwd: place, env, program: pathToFileURL(file).href });
}

const wordPattern = /'([^']*)'|"([^"]*)"|[^\s'"]+(?:'[^']*'|"[^"]*")?/g;

async function runLine(text: string, { place, env }: WalkOptions): Promise<CliResult> {
  const words = [...text.replace(/\s#.*$/, "").matchAll(wordPattern)].map(
    ([word, single, double]) => single ?? double ?? word.replaceAll(/['"]/g, ""),
  );
  if (words[0] === "npx") words.shift();
  const [program, ...args] = words;
  expect(program, `line of a guide: ${text}`).toBe("rag-instruct");
  return isServing(args) ? serveAndStop(args, { cwd: place, env }) : runCli(args, { cwd: place, env });
}

function isServing([command, ...rest]: readonly string[]): boolean {
  return command === "view" || command === "worker" || rest.includes("--view");
}

/** Starts a command that goes on until it is stopped, and stops it as a person would once it has said where it listens. */
async function serveAndStop(
  args: readonly string[],
  options: { cwd: string; env: Record<string, string> },
): Promise<CliResult> {
  const { child, result } = startCli([...args, "--no-open"], options);
  const said = new Promise<void>((resolve) => {
    for (const stream of [child.stdout!, child.stderr!])
      stream.on("data", (chunk) => void (String(chunk).includes("http://127.0.0.1") && resolve()));
  });
  await Promise.race([said, result]);
  child.kill("SIGINT");
  const { code, ...text } = await result;
  return { code: code === 130 ? 0 : code, ...text };
}
