import {
  amount,
  type Exemplar,
  hashOf,
  isObject,
  numberText,
  type Outcome,
  type Pair,
  type Passage,
  RagInstructError,
  renumberCitations,
  type Tally,
  wholeSpending,
} from "@rag-instruct/core";
import {
  adoptReviews,
  adoptStages,
  openOutcomeFiles,
  type Replace,
  type RunFolder,
  readJsonl,
  readRecords,
  readRunFolder,
  refuseLoss,
  type StageOrigin,
  writeAtomic,
} from "@rag-instruct/core/node";
import { decontaminationFile, type ForbiddenFiles } from "./decontaminate/decontaminate.ts";
import { optionList, type Row, textField } from "./exemplars/formats/format.ts";
import { scenarioParadigm } from "./exemplars/formats/questions.ts";
import { type SetReport, setReport, setReportFile } from "./set-report/set-report.ts";
import { type BudgetStop, budgetStop, watchBudget } from "./synthesis/early-stop.ts";
import { pairStakes } from "./synthesis/pair-stakes.ts";
import { type VerifyLevel, type VerifyOptions, verify } from "./verify/verify.ts";

/** Options of {@link readPairs}. */
export interface ReadPairsOptions {
  /** Paradigm of records that name none. @default such a record throws */
  paradigm?: string;
  signal?: AbortSignal;
}

/**
 * Reads pairs that exist already from one or several files of JSONL, JSON, CSV or Parquet: records with `question`, `answer` and
 * `documents`, as in `pairs.jsonl` and `train.jsonl`, whose noise documents are left out; and what the method's published generator writes,
 * with `q*`, `a*`, `context` and the scenario as `task`. Documents are objects or plain texts; one that stands twice counts once. Ids that are
 * missing are hashes of the content. Throws `bad-record` with file and line.
 */
export async function* readPairs(
  paths: string | readonly string[],
  { paradigm, signal }: ReadPairsOptions = {},
): AsyncGenerator<Pair> {
  for (const path of [paths].flat()) {
    for await (const { value, file, line } of readRecords(path, { signal })) {
      const wrong = (what: string) => new RagInstructError("bad-record", `${file}:${line}: ${what}`);
      if (!isObject(value)) throw wrong("a pair must be an object with question, answer and documents");
      yield pairOf(value, { paradigm, wrong });
    }
  }
}

type Wrong = (what: string) => RagInstructError;

function pairOf(record: Row, { paradigm, wrong }: { paradigm: string | undefined; wrong: Wrong }): Pair {
  const isGenerated = "q*" in record || "a*" in record;
  const question = textOf(record, isGenerated ? "q*" : "question", wrong);
  const answer = textOf(record, isGenerated ? "a*" : "answer", wrong);
  const documents = documentsOf(record, wrong);
  const named = record.paradigm ?? scenarioParadigm(textField(record, "task")) ?? paradigm;
  if (typeof named !== "string")
    throw wrong("a pair must name its `paradigm`; give one for all that do not with --paradigm");
  const { id, exemplarId, model, evidence } = record;
  const cites = record.cites === true;
  return {
    id: typeof id === "string" ? id : hashOf([question, answer, documents.map(({ text }) => text)]),
    paradigm: named,
    exemplarId: typeof exemplarId === "string" ? exemplarId : "",
    question,
    answer: cites ? citingIn(documents, record, answer) : answer,
    // Those beside an example's question are its own, not those of the question that was written after it.
    options: "example_question" in record ? undefined : optionsOf(record.options ?? record.Options, wrong),
    documents,
    model: typeof model === "string" ? model : "unknown",
    evidence: isObject(evidence) ? (evidence as Record<string, unknown>) : undefined,
    cites: cites || undefined,
    ...turnOf(record, wrong),
  };
}

/** What a later turn of a conversation has besides. */
function turnOf({ history, standalone }: Row, wrong: Wrong): Pick<Pair, "history" | "standalone"> {
  if (history === undefined || history === null) return {};
  const isTurn = (turn: unknown) =>
    isObject(turn) &&
    typeof turn.question === "string" &&
    typeof turn.answer === "string" &&
    (turn.id === undefined || typeof turn.id === "string");
  if (!Array.isArray(history) || history.length === 0 || !history.every(isTurn))
    throw wrong("`history` must be a list of earlier turns with question and answer");
  if (typeof standalone !== "string" || standalone.trim() === "")
    throw wrong("a pair with a `history` needs its question as `standalone` too, understood without it");
  return { history: history.map(({ id, question, answer }) => ({ id, question, answer })), standalone };
}

/** An answer with the numbers of its documents among those that are read: noise that stood between them is not there. */
function citingIn(documents: readonly Passage[], { documents: given }: Row, answer: string): string {
  const ids: unknown[] = Array.isArray(given) ? given.map((document) => isObject(document) && document.id) : [];
  return renumberCitations(answer, (number) => {
    const at = documents.findIndex(({ id }) => id === ids[number - 1]);
    return at < 0 ? undefined : at + 1;
  });
}

function textOf(record: Row, key: string, wrong: Wrong): string {
  const text = record[key];
  // As a model writes an answer that is a year or a verdict.
  if (typeof text === "number" || typeof text === "boolean") return String(text);
  if (typeof text === "string" && text.trim() !== "") return text;
  throw wrong(`a pair needs a \`${key}\` with text`);
}

function optionsOf(value: unknown, wrong: Wrong): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const isTexts = Array.isArray(value) && value.every((option) => typeof option === "string");
  const options = isTexts ? value : optionList(value);
  if (options === undefined) throw wrong("`options` must be a list of texts");
  return options.length > 0 ? options : undefined;
}

function documentsOf(record: Row, wrong: Wrong): Passage[] {
  const { documents = record.context } = record;
  const given = isTitled(record, documents)
    ? [{ title: documents[0], text: documents[1] }]
    : Array.isArray(documents)
      ? documents
      : [];
  const sources = given.filter((document) => !isObject(document) || document.role !== "noise");
  if (sources.length === 0) throw wrong("a pair needs `documents`: the list of those it was written from");
  const read = sources.map((document) => documentOf(document, wrong));
  return [...new Map(read.map((document) => [document.id, document])).values()];
}

/** Whether a generator's context is one document: its title and its text. */
function isTitled(record: Row, documents: unknown): documents is [string, string] {
  const isPair = Array.isArray(documents) && documents.length === 2;
  return isPair && "q*" in record && documents.every((part) => typeof part === "string");
}

function documentOf(given: unknown, wrong: Wrong): Passage {
  const { role: _, socre: __, ...document } = isObject(given) ? given : { text: given };
  const { id, title, text } = document as Partial<Record<string, unknown>>;
  if (typeof text !== "string" || (title !== undefined && title !== null && typeof title !== "string"))
    throw wrong("a document needs a `text`");
  const isNamed = (typeof id === "string" && id !== "") || typeof id === "number";
  return { ...document, id: isNamed ? String(id) : hashOf([title ?? "", text]), title: title ?? "", text };
}

const stageName = "synthesize";
const [accepted, refused] = ["pairs.jsonl", "rejected.jsonl"];
// What finds noise documents for pairs, whoever wrote them.
const foundBy = ["ingest", "embed", "index", "share"];

/** Options of {@link openGivenPairs}. */
export interface GivenPairsOptions {
  folder: RunFolder;
  /** The command that puts them there. */
  by: "verify" | "assemble";
  /** A hash of the pairs as they were given, and what else decides what is kept of them. */
  inputs: StageOrigin["inputs"] & { pairs: string };
  replace: Replace;
}

/** Pairs on their way into a run folder. What is not committed leaves nothing. */
export interface GivenPairs extends AsyncDisposable {
  /** Writes outcomes as they pass. */
  writing<O extends Outcome<Pair>>(outcomes: AsyncIterable<O>): AsyncGenerator<O>;
  tally(): Tally;
  /** Puts what was written in the place of the pairs that are there. */
  commit(): Promise<void>;
  /**
   * Makes the folder a run of its own, which `assemble`, `export` and `search` take as it is.
   * @param from the run whose passages the pairs were written from: its passages and indexes are linked, so that it may go. @default none
   * @param files what else of that run is taken along. @default nothing
   */
  record(from?: string, files?: readonly string[]): Promise<void>;
}

/**
 * Opens a run folder for pairs that the run did not write itself, in the place of those that it writes. Throws `file-exists` where they
 * would replace others, or some that were edited by hand, and that is not allowed.
 */
export async function openGivenPairs({ folder, by, inputs, replace }: GivenPairsOptions): Promise<GivenPairs> {
  const start = performance.now();
  const origin = { key: "", lineage: hashOf([by, inputs.pairs]), inputs };
  const stage = {
    name: stageName,
    needs: [],
    inputs,
    outputs: [accepted, refused],
    stakes: pairStakes(stageName),
    run: async () => ({ counts: {} }),
  };
  await refuseLoss([{ stage, ...origin, before: undefined }], { stages: [stage], folder, replace });
  const written = await openOutcomeFiles<Pair>({ accepted: folder.path(accepted), refused: folder.path(refused) });
  return {
    writing: written.writing,
    tally: written.tally,
    async commit() {
      await folder.begin(stageName, origin);
      await folder.replacing(stageName);
      await written.commit();
    },
    async record(from, files) {
      if (from !== undefined) await adoptStages(foundBy, { from: await readRunFolder(from), into: folder, files });
      const outputs = await folder.describe(stage.outputs);
      const { requested, accepted, rejected, failed } = written.tally();
      const counts = { requested, accepted, rejected, failed };
      const seconds = Math.round(performance.now() - start) / 1000;
      const { lineage } = origin;
      await folder.record(stageName, {
        key: hashOf([inputs, outputs]),
        lineage,
        inputs,
        outputs,
        counts,
        seconds,
        given: by,
      });
    },
    [Symbol.asyncDispose]: written.close,
  };
}

/** Pairs as outcomes that are accepted as they are. */
export async function* asAccepted(pairs: AsyncIterable<Pair>): AsyncGenerator<Outcome<Pair>> {
  for await (const value of pairs) yield { status: "accepted", id: value.id, value };
}

/** Options of {@link verifyGiven}. */
export interface VerifyGivenOptions extends Omit<VerifyOptions, "exemplars" | "forbidden"> {
  folder: RunFolder;
  /** File of the exemplars, so that none is repeated. @default it is not checked */
  exemplars?: string;
  forbidden?: ForbiddenFiles;
  /** Of what is drawn for the figures. @default 1 */
  seed?: number;
  /** The run whose passages the pairs were written from. @default none is known */
  from?: string;
}

/** What a verification came to. */
export interface VerificationSummary extends Tally {
  set: SetReport;
  /** What was written. */
  files: string[];
  /** What the budget had no room for. @default none */
  stop?: BudgetStop;
}

/**
 * Verifies pairs that exist already into a run folder: `pairs.jsonl`, `rejected.jsonl`, `set-report.json` and, with forbidden texts,
 * `decontamination.json`. What people have decided in the run that they are of goes along. Throws what {@link verify} throws; what is there then stays.
 */
export async function verifyGiven(given: GivenPairs, options: VerifyGivenOptions): Promise<VerificationSummary> {
  const { folder, exemplars: from, forbidden, seed, signal, calls } = options;
  const exemplars = from === undefined ? undefined : readJsonl<Exemplar>(from, { signal, mayBeMissing: true });
  const outcomes = verify({ ...options, exemplars, forbidden: forbidden?.texts });
  const budgeted = watchBudget(forbidden ? forbidden.watching(outcomes) : outcomes);
  const set = await setReport({ outcomes: given.writing(budgeted.outcomes), seed, signal });
  await given.commit();
  await writeAtomic(folder.path(setReportFile), `${JSON.stringify(set, null, 2)}\n`);
  await forbidden?.writeReport(folder.path(decontaminationFile));
  if (options.from !== undefined) await adoptReviews(options.from, folder.path("."));
  // Exemplars are for the report, which says where a question repeats its own.
  await given.record(options.from, ["exemplars.jsonl"]);
  const names = ["pairs.jsonl", "rejected.jsonl", setReportFile, ...(forbidden ? [decontaminationFile] : [])];
  const tally = given.tally();
  const unpaid = budgeted.unpaid();
  const stop = budgetStop(
    { requested: tally.requested - unpaid, unpaid },
    wholeSpending((await calls?.spending()) ?? {}),
  );
  return { ...tally, set, stop, files: names.map((name) => folder.path(name)) };
}

/** What a verification came to, in lines: how many are accepted, and why the others are not. */
export function verificationLines(summary: VerificationSummary, level: VerifyLevel): string[] {
  const { accepted, rejected, failed, requested, set } = summary;
  const { calls, proofCalls } = set.verification;
  const proof = proofCalls.items > 0 ? `, ${proofCalls.mean.toFixed(2)} a proof` : "";
  const asked = calls.total > 0 ? `; ${calls.mean.toFixed(2)} calls a verdict${proof}` : "";
  const counts = `${amount(accepted, "pair")} accepted + ${numberText(rejected)} rejected + ${numberText(failed)} failed`;
  return [
    `${counts} = ${numberText(requested)} verified at level ${level}${asked}`,
    ...Object.entries(set.reasons).map(([reason, times]) => `  ${numberText(times).padStart(7)}  ${reason}`),
    "",
  ];
}
