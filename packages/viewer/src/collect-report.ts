import { join } from "node:path";
import { type Exemplar, hashOf, type Passage } from "@rag-instruct/core";
import { addItem, addPassage, addReply, bookRest, emptyFigures, type Figures } from "./figures.ts";
import { FirstPairPicker } from "./first-pairs.ts";
import { IndexPacker, type Packer } from "./packer.ts";
import { type RunItem, readExemplars, readRun } from "./read-run.ts";
import { openReplies, type Replies, type ReplyReader } from "./replies.ts";
import type { FirstExample, ReportMeta, ShownDocument, ShownExample, ShownExemplar, ShownPassage } from "./shape.ts";

/** What a report is made from. */
export interface ReportSource {
  /** The run folder. */
  run: string;
  parseReply: ReplyReader;
  promptOf: (request: PromptRequest) => { instructions: string; prompt: string } | undefined;
  ruleOf?: (paradigm: string) => string | undefined;
  signal?: AbortSignal;
}

/** What a pair was asked for by: its source documents and its exemplar, under a paradigm. */
export interface PromptRequest {
  paradigm: string;
  documents: readonly Passage[];
  exemplar: Exemplar;
}

/** A report's content but for the records, which are with the packer. */
export interface CollectedReport {
  figures: Figures;
  meta: ReportMeta;
  /** The index, packed block by block. */
  index: string[];
  /** The examples to begin with. */
  first: FirstExample[];
}

/**
 * Reads a run once. Memory grows with the number of tasks, distinct passages (a hash each) and exemplars, and with the packed
 * index, never with the texts of documents.
 */
export async function collectReport(source: ReportSource, packer: Packer): Promise<CollectedReport> {
  const { run, signal } = source;
  await using replies = await openReplies(join(run, "ledger.jsonl"), source);
  const exemplars = await readExemplars(run, signal);
  const collector = new Collector(source, { packer, replies });
  for await (const item of readRun(run, { signal })) {
    await collector.add(item, item.exemplar ?? exemplars.get(item.exemplarId ?? ""));
  }
  return await collector.finish();
}

/** Puts items one after another among the records, the index and the figures. */
class Collector {
  readonly #source: ReportSource;
  readonly #packer: Packer;
  readonly #replies: Replies;
  readonly #figures = emptyFigures();
  readonly #index = new IndexPacker();
  readonly #paradigms = new Numbers();
  readonly #reasons = new Numbers();
  readonly #tasks = new Numbers();
  readonly #instructions = new Numbers();
  readonly #passages = new Numbers();
  readonly #exemplars = new Numbers();
  readonly #first = new FirstPairPicker<FirstExample>();

  constructor(source: ReportSource, { packer, replies }: { packer: Packer; replies: Replies }) {
    this.#source = source;
    this.#packer = packer;
    this.#replies = replies;
  }

  async add(item: RunItem, exemplar: Exemplar | undefined): Promise<void> {
    const { paradigm, verdict, reason, sources: documents } = item;
    addItem(this.#figures, item, { task: exemplar?.task });
    const { question, answer, ...shown } = await this.#show(item, exemplar);
    const sources: number[] = [];
    for (const passage of documents) sources.push(await this.#passage(passage));
    const exemplarNumber = exemplar ? await this.#exemplar(exemplar) : -1;
    const prompt = exemplar && this.#source.promptOf({ paradigm, documents, exemplar });
    const record: ShownExample = {
      ...shown,
      question,
      answer,
      documents: await this.#documents(item),
      sources,
      exemplar: exemplarNumber,
      instructions: prompt && this.#instructions.of(prompt.instructions),
      prompt: prompt?.prompt,
    };
    const number = await this.#packer.add("examples", record);
    this.#first.offer(record, () => {
      const { id, options, history, evidence } = shown;
      const rule = this.#source.ruleOf?.(paradigm);
      return {
        number,
        id,
        paradigm,
        rule,
        verdict,
        question,
        answer,
        options,
        history,
        evidence,
        sources: documents.map(shownPassage),
      };
    });
    await this.#index.add({
      questions: question,
      answers: answer,
      exemplars: exemplarNumber,
      sources,
      paradigms: this.#paradigms.of(paradigm),
      reasons: reason === undefined ? -1 : this.#reasons.of(reason),
      tasks: exemplar ? this.#tasks.of(exemplar.task) : -1,
      verdict,
    });
  }

  async finish(): Promise<CollectedReport> {
    bookRest(this.#figures, this.#replies.total);
    const index = await this.#index.finish();
    const chunks = await this.#packer.finish();
    const meta: ReportMeta = {
      counts: this.#packer.counts,
      chunks,
      blocks: index.length,
      paradigms: this.#paradigms.all(),
      reasons: this.#reasons.all(),
      tasks: this.#tasks.all(),
      instructions: this.#instructions.all(),
    };
    return { figures: this.#figures, meta, index, first: this.#first.pick() };
  }

  /** Question, answer and reply of an item; of a rejected one as far as its reply can be read. */
  async #show(
    item: RunItem,
    exemplar: Exemplar | undefined,
  ): Promise<Omit<ShownExample, "documents" | "sources" | "exemplar">> {
    const { id, paradigm, verdict, reason, detail, model, evidence, raw } = item;
    const isUnread = item.question === undefined && raw;
    const parsed = isUnread ? this.#source.parseReply(raw, { task: exemplar?.task ?? "open" }) : undefined;
    const { question = "", answer = "", options } = parsed?.ok ? parsed : item;
    const reply =
      raw === undefined ? await this.#replies.ofPair({ question, answer, options }) : await this.#replies.ofText(raw);
    if (reply) addReply(this.#figures, verdict, reply.spent);
    return {
      id,
      question,
      answer,
      paradigm,
      verdict,
      options: options?.length ? options : undefined,
      history: item.history,
      reason,
      detail,
      model,
      evidence,
      reply: raw ?? reply?.text,
    };
  }

  async #documents({ example, sources }: RunItem): Promise<ShownDocument[]> {
    const shown: ShownDocument[] = [];
    if (!example) {
      for (const passage of sources) shown.push({ passage: await this.#passage(passage), role: "source" });
      return shown;
    }
    for (const document of example.documents) {
      const { role, rank, relaxed } = document;
      shown.push({ passage: await this.#passage(document), role, rank, relaxed: relaxed || undefined });
    }
    return shown;
  }

  /** The number of a passage, which becomes a record the first time it is met. */
  async #passage(passage: Passage): Promise<number> {
    const { id, title, text } = passage;
    // Data made elsewhere may give two texts the same id.
    const key = hashOf([id, title, text]);
    if (!this.#passages.has(key)) {
      addPassage(this.#figures, text);
      await this.#packer.add("passages", shownPassage(passage));
    }
    return this.#passages.of(key);
  }

  /** The same for an exemplar. */
  async #exemplar({ id, question, source, task, options }: Exemplar): Promise<number> {
    if (!this.#exemplars.has(id)) {
      await this.#packer.add("exemplars", { id, question, source, task, options } satisfies ShownExemplar);
    }
    return this.#exemplars.of(id);
  }
}

function shownPassage({ id, title, text, metadata }: Passage): ShownPassage {
  return { id, title, text, metadata };
}

/** Numbers names in the order in which they were first met, from 0. */
class Numbers {
  readonly #numbers = new Map<string, number>();

  has(name: string): boolean {
    return this.#numbers.has(name);
  }

  of(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(name, number);
    return number;
  }

  all(): string[] {
    return [...this.#numbers.keys()];
  }
}
