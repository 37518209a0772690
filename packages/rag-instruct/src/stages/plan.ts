import { type Exemplar, type Outcome, RagInstructError, type Source } from "@rag-instruct/core";
import { openOutcomeFiles, type Refused, readJsonl, writeAtomic } from "@rag-instruct/core/node";
import { keepKnowledgeIntensive, planTasks, readExemplars, type UnreadExemplar } from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config/schema.ts";
import { demoExemplars } from "../demo/demo.ts";
import { fingerprint } from "../run/files.ts";
import { openPassages, openRetriever } from "../run/retriever.ts";
import type { Stage } from "./stage.ts";

/** Exemplars from a file, from the config or the project's own, to `exemplars.jsonl`; those not kept to `exemplars-rejected.jsonl`. */
export function exemplarsStage({ exemplars = demoExemplars, filter }: ResolvedConfig): Stage {
  return {
    name: "exemplars",
    needs: [],
    inputs: async () => ({ filter, from: typeof exemplars === "string" ? await fingerprint([exemplars]) : exemplars }),
    outputs: ["exemplars.jsonl", "exemplars-rejected.jsonl"],
    async run({ folder, signal }) {
      await using files = await openOutcomeFiles<Exemplar, Exemplar | UnreadExemplar>({
        accepted: folder.path("exemplars.jsonl"),
        refused: folder.path("exemplars-rejected.jsonl"),
        refusedLine: rejectedLine,
      });
      for await (const outcome of filterExemplars(exemplars, { filter, signal })) await files.add(outcome);
      const { requested, accepted, rejected } = files.tally();
      if (accepted === 0) throw noneLeft(exemplars, rejected);
      await files.commit();
      return { counts: { read: requested, exemplars: accepted, rejected } };
    },
  };
}

/** Every row of the source: an exemplar that is kept, or one that is not with its reason. */
async function* filterExemplars(
  source: string | readonly Exemplar[],
  { filter, signal }: { filter: boolean; signal?: AbortSignal },
): AsyncGenerator<Outcome<Exemplar, Exemplar | UnreadExemplar>> {
  const unread: UnreadExemplar[] = [];
  const onUnread = (row: UnreadExemplar) => {
    if (row.reason === "not-json") throw new RagInstructError("bad-record", `${row.file}:${row.line}: ${row.detail}`);
    unread.push(row);
  };
  const read = typeof source === "string" ? readExemplars(source, { onUnread, signal }) : source;
  const outcomes =
    filter && typeof source === "string" ? keepKnowledgeIntensive({ exemplars: read, signal }) : keepAll(read);
  for await (const outcome of outcomes) {
    yield* unread.splice(0).map(rejectedRow);
    if (outcome.status === "failed") throw outcome.error;
    yield outcome;
  }
  yield* unread.map(rejectedRow);
}

async function* keepAll(exemplars: Source<Exemplar>): AsyncGenerator<Outcome<Exemplar, Exemplar>> {
  for await (const value of exemplars) yield { status: "accepted", id: value.id, value };
}

/** A line of `exemplars-rejected.jsonl`. */
function rejectedLine(outcome: Refused<Exemplar | UnreadExemplar>): unknown {
  if (outcome.status === "failed" || !("question" in outcome.input)) return outcome.input;
  const { id, input, reason, detail } = outcome;
  return { id, question: input.question, reason, detail };
}

function rejectedRow(row: UnreadExemplar): Outcome<Exemplar, UnreadExemplar> {
  const { file, line, reason, detail } = row;
  return { status: "rejected", id: `${file}:${line}`, input: row, reason, detail };
}

function noneLeft(source: string | readonly Exemplar[], rejected: number): RagInstructError {
  const where = typeof source === "string" ? source : "config: exemplars";
  if (rejected === 0)
    return new RagInstructError("bad-input", `${where} has no exemplars; give a file with at least one`);
  return new RagInstructError(
    "bad-input",
    `none of the ${rejected} rows of ${where} is an instruction whose answer needs knowledge; give other exemplars, or --no-filter to take them as they are`,
  );
}

/** Exemplar × paradigm × source documents, to `plan.jsonl`. */
export function planStage(config: ResolvedConfig): Stage {
  const { counts, paradigms, seed, retrieval } = config;
  const versions = Object.values(paradigms).map(({ id, version }) => [id, version]);
  return {
    name: "plan",
    needs: ["ingest", "embed", "index", "share", "exemplars"],
    inputs: { counts, versions, seed, retrieval },
    outputs: ["plan.jsonl"],
    async run(context) {
      const { folder, signal, onProgress } = context;
      await using retriever = await openRetriever(config, context);
      await using store = await openPassages(config, folder);
      const tally = { tasks: 0, reserves: 0, unplanned: 0 };
      const tasks = planTasks({
        exemplars: readJsonl<Exemplar>(folder.path("exemplars.jsonl")),
        retriever,
        passages: () => store.all(),
        counts,
        paradigms,
        seed,
        onUnplanned: () => {
          tally.unplanned++;
        },
        signal,
      });
      async function* counted() {
        for await (const task of tasks) {
          tally[task.reserve ? "reserves" : "tasks"]++;
          onProgress({ stage: "plan", done: tally.tasks + tally.reserves });
          yield task;
        }
      }
      await writeAtomic(folder.path("plan.jsonl"), toJsonl(counted()));
      return { counts: tally };
    },
  };
}

/** Records as JSONL lines, joined into chunks so that a file is not written line by line. */
async function* toJsonl(records: Source<unknown>): AsyncGenerator<string> {
  let chunk = "";
  for await (const record of records) {
    chunk += `${JSON.stringify(record)}\n`;
    if (chunk.length > 65_536) {
      yield chunk;
      chunk = "";
    }
  }
  if (chunk) yield chunk;
}
