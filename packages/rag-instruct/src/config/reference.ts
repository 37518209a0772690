import {
  configLines,
  type Endpoint,
  type GgufChoice,
  type JsonSchema,
  jsonSchemaOf,
  literal,
} from "@rag-instruct/core/options";
import { wholeSchema } from "./load.ts";
import type { StandIn } from "./model-choice.ts";
import type { Config } from "./schema.ts";

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
  /** Bundled sets and files. */
  exemplars: readonly string[];
  language?: string;
  embeddings?: string;
  budget?: number;
}

/** The text of `rag-instruct.config.ts`: what was chosen, and after it, in comments, what else there is. */
export function configText({ from, exemplars, embeddings, budget, ...chosen }: NewConfig): string {
  const isDemo = from.length === 0;
  const values: Record<string, string | undefined> = {
    ...Object.fromEntries(Object.entries(chosen).map(([name, value]) => [name, value && literal(value)])),
    corpus: `{ from: ${isDemo ? "demoCorpus()" : literal(from.length === 1 ? from[0] : from)} }`,
    exemplars: literal(exemplars.length === 1 ? exemplars[0] : exemplars),
    embeddings: embeddings && literal({ model: embeddings }),
    budget: budget === undefined ? undefined : literal({ usd: budget }),
  };
  const notes = isDemo ? { corpus: " // installed already, to try it; put your own files or folders here" } : undefined;
  const lines = configLines(wholeSchema, values, notes);
  const names = isDemo ? "defineConfig, demoCorpus" : "defineConfig";
  return `import { ${names} } from "rag-instruct";\n\nexport default defineConfig({\n${lines.join("\n")}\n});\n`;
}
