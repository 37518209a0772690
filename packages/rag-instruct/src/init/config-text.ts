/** What a new config says. */
export interface NewConfig {
  /** Documents; none takes those of the demo. */
  from: readonly string[];
  to: string;
  model: "offline" | { name: string; baseUrl?: string };
  pairs: number;
  exemplars?: string;
  language?: string;
  embeddings?: string;
  budget?: number;
}

/** The text of `rag-instruct.config.ts`: what was chosen, and beside it what else there is. */
export function configText(config: NewConfig): string {
  const { from, to, model, pairs, exemplars, language, embeddings, budget } = config;
  const isDemo = from.length === 0;
  const lines = [
    `to: ${literal(to)},`,
    isDemo
      ? "corpus: { from: demoCorpus() }, // documentation that is installed already; put your own files or folders here"
      : `corpus: { from: ${literal(from.length === 1 ? from[0] : from)} },`,
    "// Instructions of your users' kind, which the questions imitate: Alpaca, ShareGPT, messages or plain questions.",
    exemplars === undefined ? '// exemplars: "alpaca.json",' : `exemplars: ${literal(exemplars)},`,
    model === "offline"
      ? 'model: "offline", // for trying the flow; { name: "gpt-4o-mini" } or { name, baseUrl } writes data to train on'
      : `model: ${literal(model)},`,
    `pairs: ${pairs}, // for each of the five paradigms`,
    language === undefined ? '// language: "German",' : `language: ${literal(language)},`,
    embeddings === undefined
      ? '// embeddings: { model: "contriever-msmarco" }, // hybrid retrieval; needs: npm install onnxruntime-node'
      : `embeddings: { model: ${literal(embeddings)} },`,
    budget === undefined ? "// budget: { usd: 5 }," : `budget: { usd: ${budget} },`,
  ];
  const names = isDemo ? "defineConfig, demoCorpus" : "defineConfig";
  return `import { ${names} } from "rag-instruct";\n\nexport default defineConfig({\n  ${lines.join("\n  ")}\n});\n`;
}

/** A value as people write it in TypeScript. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, field]) => `${name}: ${literal(field)}`);
  return `{ ${fields.join(", ")} }`;
}
