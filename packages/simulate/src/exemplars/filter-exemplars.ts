import { type Exemplar, type Outcome, RagInstructError, type Source } from "@rag-instruct/core";
import type { Refused } from "@rag-instruct/core/node";
import { keepKnowledgeIntensive } from "./keep/keep-knowledge-intensive.ts";
import { readExemplars, type UnreadExemplar } from "./read.ts";

/** How a row of the source of exemplars ended; a row that gives none keeps where it stands. */
export type ExemplarRow = Outcome<Exemplar, Exemplar | UnreadExemplar>;

/** Options of {@link filterExemplars}. */
export interface FilterExemplarsOptions {
  /**
   * Leave out exemplars of a file whose answer needs no knowledge, by the free rules. A list is taken as it is, and so is an exemplar
   * that brings documents: it was chosen with them. @default true
   */
  filter?: boolean;
  signal?: AbortSignal;
}

/**
 * Every row of one or several files of exemplars, or of a list of them, each exactly once: an exemplar that is kept, or a row that is not, with its
 * reason. Throws `bad-record` for a line that is not JSON, and what `readExemplars` throws.
 */
export async function* filterExemplars(
  source: string | readonly string[] | readonly Exemplar[],
  { filter = true, signal }: FilterExemplarsOptions = {},
): AsyncGenerator<ExemplarRow> {
  const unread: UnreadExemplar[] = [];
  const onUnread = (row: UnreadExemplar) => {
    if (row.reason === "not-json") throw new RagInstructError("bad-record", `${row.file}:${row.line}: ${row.detail}`);
    unread.push(row);
  };
  const isRead = isFiles(source);
  const read = isRead ? readExemplars(source, { onUnread, signal }) : source;
  const outcomes = filter && isRead ? filterUnbrought(read, signal) : keepAll(read);
  for await (const outcome of outcomes) {
    yield* unread.splice(0).map(rejectedRow);
    if (outcome.status === "failed") throw outcome.error;
    yield outcome;
  }
  yield* unread.map(rejectedRow);
}

function isFiles(source: string | readonly string[] | readonly Exemplar[]): source is string | readonly string[] {
  return typeof source === "string" || typeof source[0] === "string";
}

/** What a file of rejected exemplars says of one: the question and why, or the row that gave none. */
export function rejectedExemplar(outcome: Refused<Exemplar | UnreadExemplar>): unknown {
  if (outcome.status === "failed" || !("question" in outcome.input)) return outcome.input;
  const { id, input, reason, detail } = outcome;
  return { id, question: input.question, reason, detail };
}

/** The free rules for exemplars that bring no documents, in the order of the data. */
async function* filterUnbrought(
  exemplars: Source<Exemplar>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Outcome<Exemplar, Exemplar>> {
  const brought: Exemplar[] = [];
  async function* unbrought() {
    for await (const exemplar of exemplars) {
      if (exemplar.documents) brought.push(exemplar);
      else yield exemplar;
    }
  }
  for await (const outcome of keepKnowledgeIntensive({ exemplars: unbrought(), signal })) {
    yield* keepAll(brought.splice(0));
    yield outcome;
  }
  yield* keepAll(brought);
}

async function* keepAll(exemplars: Source<Exemplar>): AsyncGenerator<Outcome<Exemplar, Exemplar>> {
  for await (const value of exemplars) yield { status: "accepted", id: value.id, value };
}

function rejectedRow(row: UnreadExemplar): ExemplarRow {
  const { file, line, reason, detail } = row;
  return { status: "rejected", id: `${file}:${line}`, input: row, reason, detail };
}
