import type { ExportReport } from "../export-examples.ts";
import type { Framework } from "./frameworks.ts";
import { plainNumber } from "./plain-number.ts";
import type { TrainingSettings } from "./settings.ts";

/** The page that says how to train, serve and evaluate. */
export function recipeReadme({
  framework,
  model,
  launch,
  settings,
  report,
}: {
  framework: Framework;
  model: string;
  launch: string;
  settings: TrainingSettings;
  report: ExportReport;
}): string {
  const { perDevice, accumulation, processes } = settings;
  return `# Training ${model} with ${framework}

Written by @rag-instruct/format. \`data/\` holds ${report.examples} examples; the settings are those of the RAG-Instruct
method (arXiv 2501.00353): learning rate ${plainNumber(settings.learningRate)}, ${settings.scheduler} schedule with ${settings.warmupShare * 100}% warm-up, ${settings.epochs} epochs, at most
${settings.maxTokens} tokens, the loss on the answer alone. ${perDevice} examples a device × ${accumulation} accumulated × ${processes} processes make a batch of ${perDevice * accumulation * processes};
with fewer processes raise the accumulation to keep it. The prompts were laid out by ${Object.keys(report.templates).length} templates, chosen for each
example by seed.

## Train

\`\`\`sh
python -m venv .venv && . .venv/bin/activate
pip install -r requirements.txt
${launch}
\`\`\`

The model is downloaded by its id unless it names a folder. It is saved to \`output/\`.

## Serve

Either of these answers the OpenAI protocol:

\`\`\`sh
vllm serve output --served-model-name rag-instruct --max-model-len 8192 --port 8000
python -m sglang.launch_server --model-path output --served-model-name rag-instruct --port 8000
\`\`\`

## Evaluate

\`\`\`sh
npx rag-instruct eval popqa=popqa.jsonl --model rag-instruct --base-url http://127.0.0.1:8000/v1
\`\`\`
`;
}
