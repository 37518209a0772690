import { globSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, type Option } from "commander";
import { afterEach, describe, expect, it, vi } from "vitest";
import { configOptions } from "../../test/config-options.ts";
import { addDefinition, type CommandContext, type RunFlags } from "./command.ts";
import { commands } from "./commands.ts";

async function optionsOf(name: string): Promise<readonly Option[]> {
  const command = new Command(name);
  addDefinition(command, await commands.find((each) => each.name === name)!.load(), async () => {});
  return command.options;
}

it("every flag of an option in the config's schema is one of a command, with the words and the variable of the schema", async () => {
  const given = (await Promise.all(["run", "demo"].map(optionsOf))).flat();
  for (const { description, flags = [] } of configOptions()) {
    for (const { name, text, env } of flags) {
      const option = given.find(({ flags }) => flags === name);
      expect(option, name).toBeDefined();
      expect(`${option?.description}.`.toLowerCase()).toBe(`${text ?? description.replace(/\.$/, "")}.`.toLowerCase());
      expect(option?.envVar).toBe(env);
    }
  }
});

it("a flag of an option that is a number gives one", async () => {
  const given = await optionsOf("run");
  const numeric = configOptions().filter(({ type }) => type === "number");
  const names = numeric.flatMap(({ flags = [] }) => flags.map(({ name }) => name));
  expect(names).toEqual(expect.arrayContaining(["--timeout <seconds>", "--deadline <seconds>", "--seed <number>"]));
  const rate = (await optionsOf("recipe")).find(({ long }) => long === "--learning-rate")!;
  expect(rate.parseArg!("1e-5", undefined)).toBe(0.00001);
  for (const name of names) expect(given.find(({ flags }) => flags === name)!.parseArg!("2", undefined), name).toBe(2);
});

it.each(commands.map(({ name }) => name))("%s takes no flag twice", async (name) => {
  const names = (await optionsOf(name)).map(({ long }) => long);
  expect(names).toEqual([...new Set(names)]);
});

describe("a flag", () => {
  it("takes the same kind of value in every command", async () => {
    const kinds = new Map<string, Set<string>>();
    for (const { long, flags } of (await flagsOfAll()).flatMap(({ options }) => options)) {
      const value = flags.match(/<(.*?)>/)?.[1]?.replace(/,?\.\.\.$/, "") ?? "";
      kinds.set(long!, (kinds.get(long!) ?? new Set()).add(value));
    }
    const several = [...kinds].filter(([, values]) => values.size > 1);
    expect(several).toEqual([]);
  });

  it("is one of the command whose messages advise it", async () => {
    const options = new Map((await flagsOfAll()).map(({ name, options }) => [name, options.map(({ long }) => long)]));
    const stages = ["ingest", "embed", "index", "exemplars", "synthesize", "assemble", "run"];
    const said: Record<string, string[]> = {
      "../../corpus/src/ingest-stage.ts": stages.filter((name) => name !== "exemplars"),
      "../../embed/src/embed-passages/embed-stage.ts": ["embed", "index", "synthesize", "assemble", "run"],
      "../../retrieve/src/drivers/postgres/share.ts": ["index", "synthesize", "assemble", "run"],
      "../../simulate/src/plan/plan-stages.ts": ["exemplars", "synthesize", "assemble", "run", "demo"],
      "../../simulate/src/synthesis/synthesize-stage.ts": ["synthesize", "assemble", "run", "demo"],
      "../../format/src/assemble-stage.ts": ["assemble", "run", "demo"],
      "stages/stages.ts": ["synthesize", "assemble", "run", "demo"],
      "stages/manifest.ts": ["run"],
      "doctor/checks.ts": ["doctor"],
      "../../core/src/calls/check-model.ts": ["doctor"],
      "../../core/src/node/check-machine.ts": ["doctor"],
      "pipeline/search.ts": ["ask"],
    };
    const lacking: string[] = [];
    for (const [file, names] of Object.entries(said)) {
      const source = await readFile(new URL(`../${file}`, import.meta.url), "utf8");
      const advised = [...source.matchAll(/["`][^"`\n]*["`]/g)].flatMap(
        ([text]) => text.match(/--[a-z][a-z-]+/g) ?? [],
      );
      for (const name of names)
        lacking.push(...advised.filter((flag) => !options.get(name)!.includes(flag)).map((flag) => `${name} ${flag}`));
    }
    expect(lacking).toEqual([]);
  });
});

describe("a list", () => {
  afterEach(() => void vi.restoreAllMocks());
  const [here, there] = ["a.jsonl", "b.jsonl"].map((name) => join(tmpdir(), name)) as [string, string];

  it.each<[string[], string[]]>([
    [
      ["--exemplars", "a", "--exemplars", "b"],
      ["a", "b"],
    ],
    [
      ["--exemplars", "a,b", "--exemplars=c"],
      ["a", "b", "c"],
    ],
    [
      ["--exemplars", "sets/{a,b}.json,c"],
      ["sets/{a,b}.json", "c"],
    ],
  ])("is given more than once, with commas, or as a glob: %j", async (args, exemplars) => {
    expect((await parsed("run", args)).flags).toMatchObject({ exemplars });
  });

  it("keeps a comma that is in a file's name, and names of paradigms in any of its forms", async () => {
    const file = join(tmpdir(), "one,two.json");
    await writeFile(file, "[]");
    expect((await parsed("run", ["--exemplars", file])).flags).toMatchObject({ exemplars: [file] });
    const { flags } = await parsed("run", ["docs", "--paradigms", "a", "b,c", "--paradigms", "d"]);
    expect(flags.paradigms).toEqual(["a", "b", "c", "d"]);
  });

  it("of documents is what stands after the command; a number is that of an example, as it was, with a note", async () => {
    const stderr = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    expect(await parsed("run", ["docs", "--documents", "notes,wiki"])).toEqual({
      named: ["docs", "notes", "wiki"],
      flags: expect.not.objectContaining({ documents: expect.anything() }),
    });
    expect(stderr).not.toHaveBeenCalled();
    for (const command of ["run", "demo", "assemble", "ask", "eval"]) {
      const given = command === "ask" || command === "eval" ? ["x"] : [];
      expect((await parsed(command, [...given, "--documents", "5"])).flags).toMatchObject({ nDocs: 5 });
      expect(stderr).toHaveBeenLastCalledWith(expect.stringContaining("--n-docs 5"));
    }
    await expect(parsed("demo", ["--documents", "docs"])).rejects.toThrow(/--documents docs: this command works on no/);
    expect((await parsed("assemble", ["--documents", "docs"])).named).toEqual(["docs"]);
  });

  it("is refused where a shell has expanded its glob: the rest would be documents", async () => {
    await Promise.all([here, there].map((file) => writeFile(file, "")));
    await expect(parsed("run", ["docs", "--exemplars", here, there])).rejects.toThrow(
      `${there} after --exemplars ${here} would be a document`,
    );
    expect((await parsed("run", ["--exemplars", here, "docs"])).named).toEqual(["docs"]);
    expect((await parsed("run", [there, "--exemplars", here])).named).toEqual([there]);
  });
});

it("names a command to a person as it can be typed where it was started: by one function, or in help, where that stands for it", async () => {
  const shown = (await Promise.all(commands.map(({ load }) => load()))).flatMap(({ examples, note = "" }) => [
    ...examples,
    note,
  ]);
  const folder = fileURLToPath(new URL("../../../", import.meta.url));
  const names = commands.map(({ name }) => name).join("|");
  // What npx starts stands in files that are read elsewhere.
  const typed = new RegExp(`(?<!npx )\\brag-instruct (?:(?:${names})\\b|\\$\\{(?!version))`);
  const found: string[] = [];
  for (const file of globSync("*/src/**/*.{ts,tsx}", { cwd: folder })) {
    if (/\.test\.ts$|cli\/commands\.ts$/.test(file)) continue;
    for (const line of (await readFile(join(folder, file), "utf8")).split("\n")) {
      const isComment = /^\s*(?:\/?\*|\/\/)/.test(line);
      const isHelp = shown.some((text) => text !== "" && line.replaceAll('\\"', '"').includes(text.split("\n")[0]!));
      if (typed.test(line) && !isComment && !isHelp) found.push(`${file}: ${line.trim()}`);
    }
  }
  expect(found).toEqual([]);
});

/** What a command is given by a command line. */
async function parsed(name: string, args: readonly string[]): Promise<{ named: unknown; flags: RunFlags }> {
  const program = new Command().exitOverride();
  const command = program.command(name);
  const definition = await commands.find((each) => each.name === name)!.load();
  let given: { named: unknown; flags: RunFlags } | undefined;
  const run = async (named: unknown, flags: RunFlags) => {
    given = { named, flags };
    return { text: "" };
  };
  addDefinition(command, { ...definition, run: run as never }, async (work) => {
    await work({ program } as CommandContext);
  });
  await program.parseAsync(["node", "rag-instruct", name, ...args]);
  return given!;
}

async function flagsOfAll(): Promise<{ name: string; options: readonly Option[] }[]> {
  return Promise.all(commands.map(async ({ name }) => ({ name, options: await optionsOf(name) })));
}
