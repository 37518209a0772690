import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Calibration, RagInstructError } from "@rag-instruct/core";
import { readReviews, writeAtomic } from "@rag-instruct/core/node";
import { styles } from "@rag-instruct/core/page";
import { type CollectedReport, collectReport, type ReportSource } from "./collect-report.ts";
import { readAccount } from "./cost.ts";
import type { Figures } from "./figures.ts";
import { type OverviewFacts, overview, subtitle } from "./overview.ts";
import { inertScript, Packer, pack } from "./packer.ts";
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

/** What the page says beside what the run's files hold. */
export interface PageFacts extends OverviewFacts {
  /** Who wrote the pairs, as the report says it. */
  model: string;
  /** True where the offline model wrote them: the report then says that they are not for training. */
  isOffline: boolean;
  /** True where pairs are replies that were recorded in advance, which the report says too. */
  isRecorded: boolean;
  /** Name and version of what writes the report. */
  generator: string;
}

type Page = PageFacts & CollectedReport & { packer: Packer };

/** The page in pieces: what is seen first, the index, the script, and then the records, which may be larger than memory. */
async function* renderPage(page: Page): AsyncGenerator<string | Uint8Array> {
  const script = await pageScript();
  const { meta, index, first, packer } = page;
  yield head(script);
  yield body(page);
  yield inertScript("meta", await pack(JSON.stringify(meta)));
  yield inertScript("first-pairs", await pack(JSON.stringify(first)));
  yield `<script>${script}</script>\n`;
  for (const [i, block] of index.entries()) yield inertScript(`index-${i}`, block);
  yield* packer.elements();
  yield "</body>\n</html>\n";
}

/** The browser's part, `page/`, as tsup bundles it into one script. */
async function pageScript(): Promise<string> {
  const isSource = import.meta.url.endsWith(".ts");
  const file = new URL(isSource ? "../dist/page.js" : "./page.js", import.meta.url);
  try {
    // What opens a comment would let the end of the element be read over; in strings and patterns of the script it says the same so.
    return (await readFile(file, "utf8")).replaceAll("<!--", "\\x3c!--");
  } catch (cause) {
    const message = `the script of the report is not there (${file.pathname}); run pnpm build`;
    throw new RagInstructError("file-missing", message, { cause });
  }
}

/** Only the page's own script and styles are let through: no network, no other script, no form. */
function head(script: string): string {
  const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(styles)}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>RAG-Instruct report</title>
<style>${styles}</style>
</head>
`;
}

function hash(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function body(page: Page): string {
  const { model, generator, isOffline, isRecorded, figures, meta } = page;
  const notices = [
    isOffline &&
      "<strong>Made with the offline model.</strong> The questions and answers try the flow; do not train on them.",
    isRecorded &&
      "<strong>Recorded in advance.</strong> The questions and answers were written by hand for the demo’s documents and are the output of no model; all else was really run.",
  ];
  const notice = notices.map((text) => (text ? `<p class="notice">${text}</p>` : "")).join("");
  return `<body>
<a class="skip" href="#main">Skip to content</a>
<header>
<div><h1>RAG-Instruct report</h1><p class="quiet">${subtitle({ model, generator, isRecorded })}</p></div>
<nav aria-label="Views"><a href="#overview" data-view="overview" aria-current="page">Overview</a><a href="#examples" data-view="examples">Examples <span class="quiet">${meta.counts.examples.toLocaleString("en")}</span></a></nav>
</header>
<main id="main" tabindex="-1">
${notice}<noscript><p class="notice">The numbers below need no script; the browser of examples does.</p></noscript>
<div id="overview">
<div id="first"></div>
${overview(figures, page)}
</div>
<div id="examples" hidden>
<div id="filters"></div>
<div class="split">
<section class="found" aria-label="List of examples"><div id="origin"></div><p class="quiet" id="found" role="status">Reading…</p><div id="list"></div></section>
<article id="detail" aria-label="Opened example" hidden></article>
</div>
</div>
</main>
`;
}
