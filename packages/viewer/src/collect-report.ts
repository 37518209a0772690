import { join } from "node:path";
import { type Exemplar, hashText, type Passage } from "@rag-instruct/core";
import { addItem, addPassage, addReply, bookRest, emptyFigures, type Figures } from "./figures.ts";
import { indexWriter } from "./index-writer.ts";
import { nameList } from "./name-list.ts";
import type { Packer } from "./packer.ts";
import { type RunItem, readIfThere, readRun } from "./read-run.ts";
import { openReplies, type Replies } from "./replies.ts";
import type { ReplyReader, ReportOptions } from "./report-options.ts";
import type { ReportMeta, ShownDocument, ShownExample } from "./shape.ts";

/** What a report is made from. */
export interface ReportSource {
  run: string;
  parseReply: ReplyReader;
  promptOf: NonNullable<ReportOptions["promptOf"]>;
  signal?: AbortSignal;
}

/** A report's content but for the records, which are with the packer. */
export interface CollectedReport {
  figures: Figures;
  meta: ReportMeta;
  /** The index, packed block by block. */
  index: string[];
}

/**
 * Reads a run once. Memory grows with the number of tasks, distinct passages (a hash each) and exemplars, and with the packed
 * index, never with the texts of documents.
 */
export async function collectReport(source: ReportSource, packer: Packer): Promise<CollectedReport> {
  const { run, signal } = source;
  await using replies = await openReplies(join(run, "ledger.jsonl"), source);
  const figures = emptyFigures();
  const exemplars = await readExemplars(source);
  const names = { paradigms: nameList(), reasons: nameList(), tasks: nameList(), instructions: nameList() };
  const index = indexWriter();
  const add = itemAdder({ source, packer, replies, figures, names, index });
  for await (const item of readRun(run, { signal })) {
    await add(item, item.exemplar ?? exemplars.get(item.exemplarId ?? ""));
  }
  bookRest(figures, replies.total);
  const blocks = await index.finish();
  const chunks = await packer.finish();
  const lists = Object.fromEntries(Object.entries(names).map(([name, list]) => [name, list.names]));
  const meta = {
    counts: packer.counts,
    chunks,
    blocks: blocks.length,
    ...(lists as Record<keyof typeof names, string[]>),
  };
  return { figures, meta, index: blocks };
}

interface Collection {
  source: ReportSource;
  packer: Packer;
  replies: Replies;
  figures: Figures;
  names: Record<"paradigms" | "reasons" | "tasks" | "instructions", ReturnType<typeof nameList>>;
  index: ReturnType<typeof indexWriter>;
}

/** Puts items one after another among the records, the index and the figures. */
function itemAdder({ source, packer, replies, figures, names, index }: Collection) {
  const passages = numberOnce<Passage>(packer, "passages", keyOfPassage, ({ id, title, text, metadata }) => {
    addPassage(figures, text);
    return { id, title, text, metadata };
  });
  const exemplarNumbers = numberOnce<Exemplar>(packer, "exemplars", ({ id }) => id, shownExemplar);
  return async (item: RunItem, exemplar: Exemplar | undefined): Promise<void> => {
    addItem(figures, item, { task: exemplar?.task });
    const shown = await showItem(item, { exemplar, replies, figures, parseReply: source.parseReply });
    const sources: number[] = [];
    for (const passage of item.sources) sources.push(await passages(passage));
    const exemplarNumber = exemplar ? await exemplarNumbers(exemplar) : -1;
    const request = exemplar && { paradigm: item.paradigm, documents: item.sources, exemplar };
    const prompt = request && source.promptOf(request);
    const record: ShownExample = {
      ...shown,
      documents: await documentsOf(item, passages),
      sources,
      exemplar: exemplarNumber,
      instructions: prompt && names.instructions.place(prompt.instructions),
      prompt: prompt?.prompt,
    };
    await packer.add("examples", record);
    await index.add({
      questions: shown.question,
      answers: shown.answer,
      exemplars: exemplarNumber,
      sources,
      paradigms: names.paradigms.place(item.paradigm),
      reasons: item.reason === undefined ? -1 : names.reasons.place(item.reason),
      tasks: exemplar ? names.tasks.place(exemplar.task) : -1,
      verdict: item.verdict,
    });
  };
}

async function readExemplars({ run, signal }: ReportSource): Promise<Map<string, Exemplar>> {
  const exemplars = new Map<string, Exemplar>();
  for await (const exemplar of readIfThere<Exemplar>(join(run, "exemplars.jsonl"), signal)) {
    const { documents: _, ...kept } = exemplar;
    exemplars.set(exemplar.id, kept);
  }
  return exemplars;
}

/** Adds a record the first time it is met; gives its number every time. */
function numberOnce<T>(
  packer: Packer,
  kind: "passages" | "exemplars",
  keyOf: (item: T) => string,
  show: (item: T) => unknown,
): (item: T) => Promise<number> {
  const numbers = new Map<string, number>();
  return async (item) => {
    const key = keyOf(item);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const number = await packer.add(kind, show(item));
    numbers.set(key, number);
    return number;
  };
}

// Data made elsewhere may give two texts the same id.
function keyOfPassage({ id, title, text }: Passage): string {
  return hashText(`${id}\0${title}\0${text}`).slice(0, 24);
}

function shownExemplar({ id, question, source, task, options }: Exemplar): unknown {
  return { id, question, source, task, options };
}

/** Question, answer and reply of an item; of a rejected one as far as its reply can be read. */
async function showItem(
  item: RunItem,
  {
    exemplar,
    replies,
    figures,
    parseReply,
  }: { exemplar: Exemplar | undefined; replies: Replies; figures: Figures; parseReply: ReplyReader },
): Promise<Omit<ShownExample, "documents" | "sources" | "exemplar">> {
  const { id, paradigm, verdict, reason, detail, model, evidence, raw } = item;
  const parsed = item.question === undefined && raw ? parseReply(raw, { task: exemplar?.task ?? "open" }) : undefined;
  const { question = "", answer = "", options } = parsed?.ok ? parsed : item;
  const reply = raw === undefined ? await replies.ofPair({ question, answer, options }) : await replies.ofText(raw);
  if (reply) addReply(figures, verdict, reply.spent);
  const text = raw ?? reply?.text;
  return {
    id,
    question,
    answer,
    paradigm,
    verdict,
    options: options?.length ? options : undefined,
    reason,
    detail,
    model,
    evidence,
    reply: text,
  };
}

async function documentsOf(
  { example, sources }: RunItem,
  numberOf: (passage: Passage) => Promise<number>,
): Promise<ShownDocument[]> {
  const shown: ShownDocument[] = [];
  for (const document of example?.documents ?? sources.map((passage) => ({ ...passage, role: "source" as const }))) {
    const { role } = document;
    const { rank, relaxed } = "rank" in document ? document : {};
    const passage = await numberOf(document);
    shown.push({ passage, role, rank, relaxed: relaxed || undefined });
  }
  return shown;
}
