import { describe, expect, it } from "vitest";
import { configOptions, type OptionEntry } from "../../test/config-options.ts";
import { resolveConfig } from "./load.ts";
import { configJsonSchema, configText } from "./reference.ts";
import { type Config, configSchema } from "./schema.ts";

const names = Object.keys(configSchema.shape);
const options = configOptions();
const least = { to: "run", corpus: { from: "docs" } };

describe("what the schema says of an option is what every other place says", () => {
  it("the reference in the documentation", async () => {
    const how =
      "docs/reference/config.md is stale; write it anew: pnpm exec vitest run packages/rag-instruct/src/config -u";
    await expect(page(), how).toMatchFileSnapshot("../../../../docs/reference/config.md");
  });

  it("the JSON Schema, with every option and nothing that is not JSON", () => {
    const { properties, required, additionalProperties } = configJsonSchema() as Record<
      string,
      Record<string, unknown>
    >;
    expect(Object.keys(properties!)).toEqual(["$schema", ...names]);
    expect([required, additionalProperties]).toEqual([["to", "corpus"], false]);
    for (const name of names) expect(properties![name]).toHaveProperty("description");
    expect(JSON.stringify(properties)).not.toMatch(/"(?:flags|decides|otherwise|example|readOnly)":/);
    expect(properties).toMatchObject({
      seed: { type: "integer", default: 1 },
      verify: { enum: ["lexical", "judge", "proof"] },
      model: {
        anyOf: [
          { const: "offline" },
          { const: "recorded" },
          { required: ["name"], additionalProperties: false },
          { required: ["gguf"], additionalProperties: false },
        ],
      },
    });
  });

  it("a new config, which shows what was chosen and in comments every other option", () => {
    const chosen = {
      from: ["docs", "notes"],
      exemplars: ["general"],
      to: "run",
      model: { name: "m" },
      pairs: 3,
      budget: 5,
    } as const;
    const text = configText(chosen);
    for (const name of names) expect(text).toMatch(new RegExp(`^ +(?:// )?${name}: `, "m"));
    const set = [...text.matchAll(/^ {2}(\w+): /gm)].map(([, name]) => name);
    expect(set).toEqual(["to", "corpus", "exemplars", "model", "pairs", "budget"]);
    expect(configOf(text)).toEqual({
      ...least,
      corpus: { from: ["docs", "notes"] },
      exemplars: "general",
      model: { name: "m" },
      pairs: 3,
      budget: { usd: 5 },
    });
  });

  it("is right where a new config shows an example", () => {
    const text = configText({ from: ["docs"], exemplars: ["general"], to: "run", model: "offline", pairs: 3 });
    const shown = configOf(text.replace(/^( +)\/\/ (\w+: .*,)$/gm, "$1$2"));
    expect(Object.keys(shown).sort()).toEqual([...names].sort());
    expect(resolveConfig(shown)).toMatchObject({ seed: 1, retrieval: "bm25", language: "German" });
  });
});

it.each<[Partial<Record<keyof Config, unknown>>, string]>([
  [{ sead: 3 } as never, 'config: sead is not an option; did you mean "seed"?'],
  [{ corpus: { from: "docs", wrods: 3 } }, 'config: corpus.wrods is not an option; did you mean "words"?'],
  [
    { model: { name: "m", baseUrl: "here" } },
    "config: model.baseUrl: must be an address such as http://127.0.0.1:11434/v1",
  ],
  [{ model: { nam: "m" } }, 'config: model.nam is not an option; did you mean "name"?'],
  [{ model: "gpt" }, 'config: model must be "offline", { name: "gpt-4o-mini" }, { name, baseUrl }, or a model object'],
  [{ embeddings: { name: "bge" } }, "config: embeddings.dimensions is missing; it must be a number"],
  [{ embeddings: { modle: "bge" } }, 'config: embeddings.modle is not an option; did you mean "model"?'],
  [
    { embeddings: "bge" },
    'config: embeddings must be { model: "folder or preset" }, { name, baseUrl, dimensions }, or',
  ],
  [{ exports: ["mesages"] }, 'config: exports[0]: "mesages" is not one of examples, '],
  [{ budget: { usd: -1 } }, "config: budget.usd must be 0 or more, not -1"],
  [{ budget: { euro: 1 } }, "config: budget.euro is not an option; there are usd, tokens"],
  [{ pairs: "many" }, 'config: pairs must be a number, or a record, not "many"'],
  [{ pairs: { "single-doc-answr": 2 } }, 'there is no paradigm "single-doc-answr"'],
  [{ benchmarks: { popqa: 3 } }, "config: benchmarks.popqa must be a string, or an array, not 3"],
  [{ card: { licence: "MIT" } }, 'config: card.licence is not an option; did you mean "license"?'],
  [{ corpus: undefined }, "config: corpus is missing; it must be an object"],
  [{ depth: 100 }, "config: depth (100) must be larger than beyond (200), where noise comes from"],
])("a wrong config %j is one line that names the place and what was meant", (wrong, message) => {
  expect(() => resolveConfig({ ...least, ...wrong } as Config)).toThrow(message);
});

it("objects of a program are taken as they are", () => {
  class Model {
    readonly provider = "own";
    readonly modelId = "m";
    doGenerate() {}
  }
  const model = new Model();
  const embeddings = {
    id: "e",
    dimensions: 2,
    embed: async () => ({ data: new Float32Array(), count: 0, dimensions: 2 }),
  };
  const resolved = resolveConfig({ ...least, model: model as never, embeddings });
  expect([resolved.model, resolved.embeddings]).toEqual([model, embeddings]);
  expect(resolved.model).toBe(model);
  expect(resolved.embeddings).toBe(embeddings);
});

/** What a config's text exports. */
function configOf(text: string): Config {
  const body = text.slice(text.indexOf("defineConfig(") + "defineConfig(".length, text.lastIndexOf(");"));
  return new Function(`return (${body});`)();
}

function page(): string {
  const [all, ...within] = Map.groupBy(options, ({ path }) => (path.includes(".") ? path.split(".")[0]! : ""));
  const sections = within.map(
    ([name, its]) => `## ${name}\n\n${options.find(({ path }) => path === name)!.description}\n\n${table(its)}`,
  );
  return `# The config

Every option of \`rag-instruct.config.ts\` (or \`.mts\`, \`.mjs\`, \`.js\`, \`.json\`) and of \`ragInstruct\`; on the command line \`--set corpus.words=80\` sets any of them by
the name in the first column. \`rag-instruct init\` writes a config that shows them all, and \`rag-instruct init --schema\` prints their JSON Schema, for editors and other
programs: name it as \`"$schema"\` in \`rag-instruct.config.json\`.

\`\`\`ts
import { defineConfig } from "rag-instruct";

export default defineConfig({
  to: "run",
  corpus: { from: ["handbook", "wiki.jsonl"], words: 100 },
  exemplars: "questions.json",
  model: { name: "gpt-4o-mini" },
  pairs: { total: 200 },
  budget: { usd: 5 },
});
\`\`\`

<!-- Written by packages/rag-instruct/src/config/reference.test.ts from config/schema.ts: change it there. -->

## All options

${table(all![1])}

${sections.join("\n\n")}
`;
}

function table(entries: readonly OptionEntry[]): string {
  const rows = entries.map(({ path, type, isRequired, default: standard, description, flags = [] }) => {
    const value = isRequired ? "required" : standard === undefined ? "none" : standard;
    const parts = [cell(description), code(type), flags.map(({ name }) => code(name)).join(" ")];
    return `| ${code(path)} | ${parts.filter(Boolean).join("<br>")} | ${cell(value)} |`;
  });
  return ["| option | what it is, its type and its flags | default |", "|---|---|---|", ...rows].join("\n");
}

function code(text: string): string {
  return `\`${cell(text)}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

// Types are those of the schema: these lines are checked by the compiler.
const _config: Config = { ...least, pairs: { "single-doc-answer": 3 }, exports: ["messages"], verify: "judge" };
// @ts-expect-error no such level
const _level: Config = { ...least, verify: "judged" };
// @ts-expect-error no such format
const _format: Config = { ...least, exports: ["mesages"] };
const _entry: OptionEntry | undefined = options[0];
