import { type Endpoint, type GgufChoice, type JsonSchema, jsonSchemaOf, literal } from "@rag-instruct/core/options";
import { wholeSchema } from "./load.ts";
import type { StandIn } from "./model-choice.ts";
import { aboutOf, type Config } from "./schema.ts";

/** JSON Schema (2020-12) of `rag-instruct.config.json`. What only a program can hold, such as a model object, is left out. */
export function configJsonSchema(): JsonSchema {
  const schema = jsonSchemaOf(wholeSchema);
  const properties = schema.properties as Record<string, JsonSchema>;
  const { type, ...documents } = properties.corpus!;
  const corpus = { ...documents, anyOf: [{ type }, { const: false }] };
  return { ...schema, properties: { $schema: { type: "string" }, ...properties, corpus } };
}

/** What a new config says. */
export interface NewConfig {
  /** Documents; none takes those of the demo. */
  from: readonly string[];
  to: string;
  model: StandIn | Endpoint | GgufChoice;
  pairs: NonNullable<Config["pairs"]>;
  exemplars?: string | readonly string[];
  language?: string;
  embeddings?: string;
  budget?: number;
}

/** The text of `rag-instruct.config.ts`: what was chosen, and after it, in comments, what else there is. */
export function configText({ from, embeddings, budget, ...chosen }: NewConfig): string {
  const isDemo = from.length === 0;
  const values: Record<string, string | undefined> = {
    ...Object.fromEntries(Object.entries(chosen).map(([name, value]) => [name, value && literal(value)])),
    corpus: `{ from: ${isDemo ? "demoCorpus()" : literal(from.length === 1 ? from[0] : from)} }`,
    embeddings: embeddings && literal({ model: embeddings }),
    budget: budget === undefined ? undefined : literal({ usd: budget }),
  };
  const options = Object.entries(wholeSchema.shape).map(([name, schema]) => ({ name, schema, ...aboutOf(schema)! }));
  const isChosen = ({ name }: { name: string }) => values[name] !== undefined;
  const set = options.filter(isChosen).flatMap(({ name, description }) => {
    const note =
      isDemo && name === "corpus" ? " // installed already, to try it; put your own files or folders here" : "";
    return ["", ...comment(description), `${name}: ${values[name]},${note}`];
  });
  const others = options
    .filter((each) => !isChosen(each))
    .flatMap(({ name, description, example, schema }) => [
      "//",
      ...comment(description),
      `// ${name}: ${literal(example ?? jsonSchemaOf(schema).default)},`,
    ]);
  const names = isDemo ? "defineConfig, demoCorpus" : "defineConfig";
  const lines = [...set.slice(1), "", "// What else there is:", ...others].map((line) => (line ? `  ${line}` : line));
  return `import { ${names} } from "rag-instruct";\n\nexport default defineConfig({\n${lines.join("\n")}\n});\n`;
}

function comment(text: string): string[] {
  return text.match(/.{1,100}(?:\s|$)/g)!.map((line) => `// ${line.trimEnd()}`);
}
