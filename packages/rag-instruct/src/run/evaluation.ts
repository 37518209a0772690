import { join } from "node:path";
import { badOption } from "@rag-instruct/core";
import { openCalls } from "@rag-instruct/core/calls";
import { endpointAddress } from "@rag-instruct/core/endpoints";
import { isThere } from "@rag-instruct/core/node";
import type { SettingsChoice } from "@rag-instruct/core/options";
import {
  type BenchmarkSummary,
  benchmarkTemplates,
  buildEvalReport,
  type CompareModelsOptions,
  type CompletionModel,
  compareModels,
  type EstimateEvaluationOptions,
  type PublishedVersion,
  type ReportedComparison,
  readPromptTemplates,
  type samplings,
  writeEvalReport,
} from "@rag-instruct/eval";
import { openChatTemplate } from "@rag-instruct/format";
import { isEndpoint, type ModelChoice } from "../config/model-choice.ts";
import type { RunOptions } from "../pipeline/pipeline.ts";
import { expectEvaluation } from "./expected.ts";
import { callSettings, describeModel, nameModel, openModel, openRunWorkers } from "./models.ts";

/** What {@link runEvaluation} measures and how. */
export interface EvaluationConfig
  extends Pick<EstimateEvaluationOptions, "benchmarks" | "limit">,
    Pick<CompareModelsOptions, "documents" | "retriever"> {
  model: ModelChoice;
  /** Another model that is asked the same, to compare item by item: the one that yours started from. @default none */
  against?: ModelChoice;
  /** How both are asked, where the published sampling says nothing else. @default the endpoint's own */
  settings?: SettingsChoice;
  /** Folder of the report and the ledger; made when it is not there. */
  to: string;
  /**
   * Asks under the published conditions: temperature 0.5, top-p 0.9 and 500 tokens, the published layout, raw completions. The three
   * options below have precedence. @default false
   */
  published?: boolean;
  /** How answers are drawn. @default "greedy" */
  sampling?: keyof typeof samplings;
  /** Layout of a prompt by name, or a JSON file with a template a benchmark. @default "training" */
  template?: string;
  /**
   * Sends prompts as raw completions in the chat template of this model folder, or "none" to send them as they are.
   * @default none: the model is asked by chat; with `published`, the folder that the model's name is the path of
   */
  chatTemplate?: string;
  /** Version of the published table to compare with. @default "2025-01-06" */
  publishedTable?: PublishedVersion;
  /** Most calls at the same time. @default 16 */
  concurrency?: number;
  /** Redis of the workers that make the calls. @default none: calls are made from here */
  redis?: string;
  /** What the report says it was made by. */
  command: string;
}

/** What an evaluation came to. */
export interface Evaluation {
  /** Of the model, a benchmark each. */
  summaries: readonly BenchmarkSummary[];
  /** The model against the other one, a benchmark each; empty where there is no other. */
  comparisons: readonly ReportedComparison[];
  files: Awaited<ReturnType<typeof writeEvalReport>>;
}

/**
 * Measures a model on benchmarks and writes the report (JSON, Markdown, CSV, HTML). Replies are kept in `ledger.jsonl`: a
 * run that was cut short goes on with the same call.
 */
export async function runEvaluation(
  config: EvaluationConfig,
  { beforeCalls, ...watch }: Pick<RunOptions, "beforeCalls" | "onProgress" | "signal"> = {},
): Promise<Evaluation> {
  const { to, model, against, concurrency = 16, command, redis, retriever, documents, publishedTable } = config;
  const { published = false, sampling = published ? "published" : "greedy" } = config;
  const layout = config.template ?? (published ? "published" : "training");
  const raw = published || config.chatTemplate !== undefined;
  await using workers = raw ? undefined : await openRunWorkers(redis, { to, model: describeModel(nameModel(model)) });
  const ledger = join(to, "ledger.jsonl");
  await using calls = await openCalls({
    ledger,
    concurrency: { max: concurrency },
    settings: callSettings(config.settings),
    beforeFirst: beforeCalls && (async () => beforeCalls(await expectEvaluation({ ...config, signal: watch.signal }))),
    ...workers?.calls,
  });
  await using mine = raw ? undefined : await openModel(model, { ...watch, workers });
  await using other = raw || against === undefined ? undefined : await openModel(against, { ...watch, workers });
  const completions = (choice: ModelChoice) => openCompletions(choice, config.chatTemplate);
  const { models, comparisons, questions } = await compareModels({
    benchmarks: config.benchmarks,
    limit: config.limit,
    model: mine?.model ?? (await completions(model)),
    against: other?.model ?? (against && (await completions(against))),
    calls,
    retriever,
    documents,
    sampling,
    template: isLayout(layout) ? layout : await readPromptTemplates(layout),
    concurrency: concurrency * 2,
    ...watch,
  });
  const asked = { sampling, template: layout, documents, retriever: retriever?.id, raw };
  const report = buildEvalReport({ command, asked, models, comparisons, published: publishedTable });
  const files = await writeEvalReport(report, { to, questions, signal: watch.signal });
  return { summaries: models[0]!.benchmarks, comparisons, files };
}

function isLayout(name: string): name is keyof typeof benchmarkTemplates {
  return name in benchmarkTemplates;
}

/** A served model asked by raw completions. Throws `bad-option` for one that has no address, and where no chat template is known. */
async function openCompletions(choice: ModelChoice, chatTemplate: string | undefined): Promise<CompletionModel> {
  if (!isEndpoint(choice) || choice.baseUrl === undefined) {
    throw badOption("raw completions need a server of your own; name it with --base-url");
  }
  const { name, baseUrl, keyVariable = "OPENAI_API_KEY" } = choice;
  const folder = chatTemplate ?? ((await isThere(join(name, "tokenizer_config.json"))) ? name : undefined);
  if (folder === undefined) {
    throw badOption(
      "prompts are sent in the model's chat template; give --chat-template with the folder of its tokenizer_config.json, or --chat-template none to send them as they are",
    );
  }
  const template = folder === "none" ? undefined : await openChatTemplate(folder);
  return {
    baseURL: endpointAddress(baseUrl),
    model: name,
    apiKey: process.env[keyVariable] || undefined,
    renderChat: template && ((content) => template.render([{ role: "user", content }], { addGenerationPrompt: true })),
  };
}
