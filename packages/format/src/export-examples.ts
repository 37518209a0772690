import { amount, type OnProgress, RagInstructError, type Source, type TrainingExample } from "@rag-instruct/core";
import { type ExampleFlaw, flawOf, type GivenOut } from "./check-example.ts";
import { ExportFiles, type WrittenFile } from "./exports/export-file.ts";
import { type ExportFormat, openOutputs } from "./exports/formats.ts";
import { type FittedExample, fitPassages, type TokenBudget } from "./fit-passages.ts";
import { documentSpans, exampleRenderer, type RenderOptions } from "./render-example.ts";

/** Options of {@link exportExamples}. */
export interface ExportOptions extends RenderOptions, GivenOut {
  examples: Source<TrainingExample>;
  /** The folder; made when it is not there. */
  to: string;
  formats: readonly ExportFormat[];
  /** Cut long passages so that prompt and answer fit. Files of whole passages (examples, parquet, dpr) are cut too. */
  budget?: TokenBudget;
  /**
   * What happens to an example that is longer than the budget: its passages are cut, never question or answer, or it is left out. With either
   * word one that fits in no way is left out and counted as `too-long`. @default its passages are cut, and one that fits in no way throws
   */
  long?: "cut" | "drop";
  /** Records written of each example, each in another template, for training that changes the layout with every epoch. @default 1 */
  layouts?: number;
  /** Say in prompt–completion records where the documents stand, for a trainer that cuts them. @default false */
  places?: boolean;
  /** Replace files that are there. @default false */
  overwrite?: boolean;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/** What {@link exportExamples} did; examples + the sum of leftOut = examples read. */
export interface ExportReport {
  /** Examples written. */
  examples: number;
  /** Examples left out, by the first flaw found. */
  leftOut: Partial<Record<ExampleFlaw | "too-long", number>>;
  /** Examples by the template they were rendered with. */
  templates: Record<string, number>;
  /** What the token budget cut: examples, passages, and examples whose sources no longer state the answer. */
  cut: { examples: number; passages: number; answers: number };
  /** One a format; a format that has no place for an example holds fewer. */
  files: (WrittenFile & { format: ExportFormat; examples: number })[];
}

/** What was done about examples that are too long, in a line; empty where none were. */
export function describeLengths({ cut, leftOut }: Pick<ExportReport, "cut" | "leftOut">): string {
  const dropped = leftOut["too-long"] ?? 0;
  if (cut.examples + dropped === 0) return "";
  return `Too long: ${amount(cut.examples, "example")} with documents cut, ${dropped} left out\n`;
}

/**
 * Writes examples to one file a format, in one pass and in constant memory. Every example is checked before it is
 * written; the files are there whole or not at all. Throws `file-exists`, `bad-record` for a flawed example, and
 * `bad-option`.
 */
export async function exportExamples(options: ExportOptions): Promise<ExportReport> {
  const { examples, formats, layouts = 1, places = false, onProgress, signal } = options;
  const preparation = new Preparation(options);
  await using files = new ExportFiles(options);
  const outputs = await openOutputs(formats, files);
  for await (const example of examples) {
    signal?.throwIfAborted();
    const prepared = preparation.prepare(example);
    if (!prepared) continue;
    for (const [n, prompt] of prepared.prompts.entries()) {
      const documents = places ? documentSpans(prepared.example, prompt, options) : [];
      const place = places ? { documents, layout: layouts > 1 ? n + 1 : undefined } : undefined;
      for (const output of outputs) if (await output.write(prepared.example, prompt, place)) output.records += 1;
    }
    const done = preparation.report.examples;
    if (done % 1_000 === 0) onProgress?.({ stage: "export", done });
  }
  signal?.throwIfAborted();
  await Promise.all(outputs.map((output) => output.flush()));
  const written = await files.commit();
  const done = preparation.report.examples;
  onProgress?.({ stage: "export", done, total: done });
  const described = outputs.map(({ format, records }, i) => {
    const { name: _, ...file } = written[i]!;
    return { ...file, format, examples: records };
  });
  return { ...preparation.report, files: described };
}

/** Checks, fits and renders one example after another, and counts. */
class Preparation {
  readonly report: Omit<ExportReport, "files"> = {
    examples: 0,
    leftOut: {},
    templates: {},
    cut: { examples: 0, passages: 0, answers: 0 },
  };
  readonly #options: ExportOptions;
  readonly #render: ReturnType<typeof exampleRenderer>;

  constructor(options: ExportOptions) {
    this.#options = options;
    this.#render = exampleRenderer(options);
  }

  /** The example as it is written, with its prompts; undefined for one that is left out. Throws `bad-record` where flaws fail the export. */
  prepare(example: TrainingExample): { example: TrainingExample; prompts: string[] } | undefined {
    const { layouts = 1 } = this.#options;
    const { report } = this;
    const flaw = flawOf(example, this.#options);
    if (flaw) {
      report.leftOut[flaw] = (report.leftOut[flaw] ?? 0) + 1;
      return undefined;
    }
    const fitted = this.#fit(example);
    if (!fitted) {
      report.leftOut["too-long"] = (report.leftOut["too-long"] ?? 0) + 1;
      return undefined;
    }
    report.examples += 1;
    const prompts = Array.from({ length: layouts }, (_, layout) => {
      const { prompt, template } = this.#render(fitted, layout);
      report.templates[template] = (report.templates[template] ?? 0) + 1;
      return prompt;
    });
    return { example: fitted, prompts };
  }

  /** The example made to fit; undefined where it is too long and is to be left out. */
  #fit(example: TrainingExample): TrainingExample | undefined {
    const { budget, long, layouts = 1 } = this.#options;
    if (!budget) return example;
    const longest = (one: TrainingExample) => {
      const prompts = Array.from({ length: layouts }, (_, layout) => this.#render(one, layout).prompt);
      return prompts.reduce((most, prompt) => (prompt.length > most.length ? prompt : most));
    };
    let fitted: FittedExample;
    try {
      fitted = fitPassages(example, { budget, prompt: longest });
    } catch (error) {
      if (long === undefined || !RagInstructError.is(error, "bad-record")) throw error;
      return undefined;
    }
    if (long === "drop" && fitted.cut > 0) return undefined;
    const { cut } = this.report;
    cut.passages += fitted.cut;
    cut.examples += Number(fitted.cut > 0);
    cut.answers += Number(fitted.answerLost);
    return fitted.example;
  }
}
