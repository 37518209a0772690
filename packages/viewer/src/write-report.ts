import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Calibration } from "@rag-instruct/core";
import { readReviews, writeAtomic } from "@rag-instruct/core/node";
import { readAccount } from "./account.ts";
import { collectReport, type ReportSource } from "./collect-report.ts";
import type { Figures } from "./figures.ts";
import { renderPage } from "./layout.ts";
import { Packer } from "./packer.ts";
import { readQuality } from "./quality.ts";
import { plannedCounts } from "./read-run.ts";
import { readPlainReply } from "./replies.ts";

// As pairs name the offline model and recorded replies of @rag-instruct/simulate.
const offlineModelId = "offline-extractive";
const recordedModelId = "recorded";

/** Options of {@link writeReport}. */
export interface ReportOptions {
  /** The run folder. Any of its files may be missing; what is there is shown. */
  run: string;
  /** Path of the HTML file. @default `report.html` in the run folder */
  to?: string;
  /** Pairs asked for of each paradigm. @default as its plan has them */
  wanted?: Readonly<Record<string, number>>;
  /** Who wrote the pairs, as the report says it. @default the models that the accepted pairs name */
  model?: string;
  /** Whether the offline model wrote them: the report then says that they are not for training. @default whether pairs name it */
  isOffline?: boolean;
  /** Name and version of what writes the report. @default this package's */
  generator?: string;
  /**
   * Reads raw replies: of rejected pairs, and of the ledger to find what was paid for a pair.
   * @default replies that are a JSON object with `question` and `answer`
   */
  parseReply?: ReportSource["parseReply"];
  /** The prompt that asked for a pair, its fixed and its own part; undefined where it is not known. @default no prompts are shown */
  promptOf?: ReportSource["promptOf"];
  /** How the model that judged its pairs stands to the people who reviewed them, as `calibrate` of `@rag-instruct/simulate` finds it. @default it is not shown */
  calibration?: Calibration;
  /** What a paradigm asks of question and documents, in a sentence. @default it is not said */
  ruleOf?: ReportSource["ruleOf"];
  signal?: AbortSignal;
}

/**
 * Writes a run, finished or not, as one HTML file that needs no network and opens from disk. The texts are written as they are
 * read, so that a report may be larger than memory. Throws `bad-record` and `file-unwritable`.
 */
export async function writeReport(options: ReportOptions): Promise<Figures> {
  const { run, to = join(run, "report.html"), ruleOf, calibration, signal } = options;
  const { generator = thisPackage(), parseReply = readPlainReply, promptOf = () => undefined } = options;
  const { wanted = await plannedCounts(run, signal) } = options;
  const quality = await readQuality(run);
  const account = await readAccount(run);
  const reviews = (await readReviews(run)).figures();
  await using packer = await Packer.open(`${to}.${randomBytes(6).toString("hex")}.tmp`);
  const collected = await collectReport({ run, parseReply, promptOf, ruleOf, signal }, packer);
  const { figures } = collected;
  const { model = [...figures.models.keys()].join(", ") || "a model that is not named" } = options;
  const { isOffline = figures.models.has(offlineModelId) } = options;
  const isRecorded = figures.models.has(recordedModelId);
  const page = renderPage({
    wanted,
    quality,
    account,
    reviews,
    calibration,
    model,
    isOffline,
    isRecorded,
    generator,
    ...collected,
    packer,
  });
  await writeAtomic(to, page, { signal });
  return figures;
}

function thisPackage(): string {
  const { name, version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return `${name} ${version}`;
}
