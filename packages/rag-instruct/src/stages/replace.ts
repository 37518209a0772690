import { isDeepStrictEqual } from "node:util";
import { type Pair, RagInstructError } from "@rag-instruct/core";
import { openLedger } from "@rag-instruct/core/calls";
import { isThere, type RunFolder, readJsonl } from "@rag-instruct/core/node";
import { offlineModelId } from "@rag-instruct/simulate";
import { amount } from "../run/expected.ts";
import { type CheckedStage, needsOf, type Stage } from "./stage.ts";

/** Whether finished, paid or reviewed data may be replaced: yes, no, or as the answer to what would be lost says. */
export type Replace = boolean | ((loss: string) => boolean | Promise<boolean>);

interface ReplaceContext {
  /** Every stage of the run, also those that are not to run. */
  stages: readonly Stage[];
  folder: RunFolder;
  /** Pairs wanted, by paradigm. @default whatever comes */
  counts?: Readonly<Record<string, number>>;
}

/**
 * Throws `file-exists` where stages that are about to run would replace what is finished, paid for or reviewed by something of
 * another origin, or what was edited by hand, unless that is allowed. What is made anew from the same replies is no loss.
 */
export async function refuseLoss(
  checked: readonly CheckedStage[],
  { replace, ...context }: ReplaceContext & { replace: Replace },
): Promise<void> {
  if (replace === true) return;
  const loss =
    (await editedFiles(checked, context)) ?? (await unknownFiles(checked, context)) ?? (await lost(checked, context));
  if (loss === undefined) return;
  const { what, instead } = loss;
  if (typeof replace === "function" && (await replace(what))) return;
  throw new RagInstructError("file-exists", `${what}; ${instead}, or replace it with --replace`);
}

interface Loss {
  /** What would be lost, and why. */
  what: string;
  /** How to keep it. */
  instead: string;
}

/** Ways to go on with what a file holds now. */
const withEdited: Readonly<Record<string, string>> = {
  "pairs.jsonl": "rag-instruct verify <it> --output <folder> makes a run of what it holds now",
  "train.jsonl": "rag-instruct export <run> gives out what it holds now",
  "exemplars.jsonl": "name a file of your own with --exemplars",
};

/** Stages whose outputs nobody edits: an index, and a report that is made anew whenever one looks at it. */
const withoutRows: ReadonlySet<string> = new Set(["index", "report"]);

/** What was changed by hand since a stage made it. */
async function editedFiles(checked: readonly CheckedStage[], { folder }: ReplaceContext): Promise<Loss | undefined> {
  for (const { stage } of checked) {
    if (withoutRows.has(stage.name)) continue;
    const [name, ...others] = await folder.edited(stage.name);
    if (name === undefined) continue;
    const more = others.length > 0 ? ` (and ${others.length} more)` : "";
    const path = folder.path(name);
    const way = withEdited[name]?.replace("<it>", path).replace("<run>", folder.path("."));
    return {
      what: `${path}${more} was changed since ${stage.name} made it, and would be made anew without those changes`,
      instead: way ?? "keep what you changed elsewhere",
    };
  }
  return undefined;
}

/** What lies where a stage writes and was made by none here. */
async function unknownFiles(checked: readonly CheckedStage[], { folder }: ReplaceContext): Promise<Loss | undefined> {
  for (const { stage } of checked) {
    if (withoutRows.has(stage.name) || folder.last(stage.name) || folder.begun(stage.name)) continue;
    for (const name of stage.outputs) {
      if (!(await isThere(folder.path(name)))) continue;
      const what = `${folder.path(name)} was not made by a run here, and ${stage.name} would replace it`;
      return { what, instead: "name another folder with --to" };
    }
  }
  return undefined;
}

/** Inputs of stages, and why what they made would be replaced where they are others. */
const causes: Readonly<Record<string, string>> = {
  "ingest.files": "these documents are others",
  "ingest.format": "the documents would be read in another format",
  "ingest.encoding": "their text would be read in another encoding",
  "ingest.fields": "passages would be made of other fields",
  "ingest.by": "passages would end elsewhere",
  "ingest.words": "passages would have another length",
  embed: "the embedding model is another",
  "exemplars.from": "the exemplars are others",
  "exemplars.filter": "other exemplars would be left out",
  "plan.versions": "the prompts or paradigms are others",
  "plan.seed": "the seed is another",
  "plan.retrieval": "passages would be ranked in another way",
  "synthesize.pairs": "these pairs are others",
  "synthesize.model": "the model is another",
  "synthesize.settings": "the model's settings are others",
  "synthesize.language": "the language is another",
};

/** What was paid for, computed or reviewed, and would be replaced by something of another origin. */
async function lost(checked: readonly CheckedStage[], context: ReplaceContext): Promise<Loss | undefined> {
  const { folder } = context;
  const parts: string[] = [];
  const of = (name: string) => isLost(name, checked, context);
  const origin = folder.last("synthesize") ?? folder.begun("synthesize");
  const isFree = String(origin?.inputs?.model).endsWith(`/${offlineModelId}`);
  const pairs = folder.last("synthesize")?.counts.accepted ?? 0;
  const leftOut = of("synthesize") ? pairs : await unwanted(checked, context);
  if (leftOut > 0 && !isFree) parts.push(amount(leftOut, "pair"));
  // What was stopped before its first pair was kept.
  if ((leftOut > 0 || (of("synthesize") && folder.begun("synthesize"))) && !isFree) {
    const { replies, usd } = await paidReplies(folder);
    if (replies > 0)
      parts.push(
        `${amount(replies, "reply", "replies")} paid for${usd > 0 ? ` ($${usd.toFixed(usd < 1 ? 4 : 2)})` : ""}`,
      );
  }
  const reviews = leftOut > 0 ? await linesOf(folder.path("reviews.jsonl")) : 0;
  if (reviews > 0) parts.push(amount(reviews, "review"));
  if (of("embed")) parts.push(`the vectors of ${amount(folder.last("embed")?.counts.passages ?? 0, "passage")}`);
  if (parts.length === 0) return undefined;
  return {
    what: `${folder.path(".")} would lose ${inWords(parts)}, since ${causeOf(checked, context)}`,
    instead: "name another folder with --to",
  };
}

/** Whether a stage's data would be made from something else, by what it or a stage before it is made from now. */
function isLost(name: string, checked: readonly CheckedStage[], { stages, folder }: ReplaceContext): boolean {
  const record = folder.last(name) ?? folder.begun(name);
  if (!record) return false;
  const now = checked.find(({ stage }) => stage.name === name);
  if (now) return now.lineage !== record.lineage;
  const stage = stages.find((each) => each.name === name);
  if (!stage || folder.last(name)?.given) return false;
  const needed = needsOf(stage, stages);
  return checked.some((each) => needed.includes(each.stage.name) && isOther(each, folder));
}

function isOther({ stage, lineage }: CheckedStage, folder: RunFolder): boolean {
  const record = folder.last(stage.name);
  return record !== undefined && record.lineage !== lineage;
}

/** Pairs beyond those that are wanted now. */
async function unwanted(checked: readonly CheckedStage[], { folder, counts }: ReplaceContext): Promise<number> {
  const now = checked.find(({ stage }) => stage.name === "synthesize");
  if (
    !now ||
    !counts ||
    folder.last("synthesize")?.given ||
    isDeepStrictEqual(folder.last("synthesize")?.inputs?.counts, counts)
  )
    return 0;
  const held: Record<string, number> = {};
  for await (const { paradigm } of readJsonl<Pair>(folder.path("pairs.jsonl"), { mayBeMissing: true }))
    held[paradigm] = (held[paradigm] ?? 0) + 1;
  return Object.entries(held).reduce((sum, [id, have]) => sum + Math.max(0, have - (counts[id] ?? 0)), 0);
}

/** Why: the first stage that would be made from something else, and what of it is another. */
function causeOf(checked: readonly CheckedStage[], { folder }: ReplaceContext): string {
  for (const { stage, inputs, lineage } of checked) {
    const record = folder.last(stage.name) ?? folder.begun(stage.name);
    if (record?.lineage === lineage) continue;
    const names = Object.keys(inputs).filter((name) => !isDeepStrictEqual(plain(inputs[name]), record?.inputs?.[name]));
    const known = [stage.name, ...names.map((name) => `${stage.name}.${name}`)].find((name) => causes[name]);
    if (known) return causes[known]!;
  }
  return "fewer pairs are wanted";
}

/** A value as JSON keeps it. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/** The replies of the ledger that a model was asked for. */
async function paidReplies(folder: RunFolder): Promise<{ replies: number; usd: number }> {
  const sum = { replies: 0, usd: 0 };
  const path = folder.path("ledger.jsonl");
  if (!(await isThere(path))) return sum;
  await using ledger = await openLedger(path);
  await ledger.heads(({ model, usd = 0, refused }) => {
    if (refused || model === offlineModelId) return;
    sum.replies++;
    sum.usd += usd;
  });
  return sum;
}

async function linesOf(path: string): Promise<number> {
  let lines = 0;
  for await (const _ of readJsonl(path, { mayBeMissing: true })) lines++;
  return lines;
}

function inWords(parts: readonly string[]): string {
  return parts.length > 1 ? `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}` : parts.join();
}
