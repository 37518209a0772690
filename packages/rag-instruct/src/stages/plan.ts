import { type Exemplar, RagInstructError, type Source } from "@rag-instruct/core";
import { openAtomic, readJsonl, writeAtomic } from "@rag-instruct/core/node";
import { keepKnowledgeIntensive, planTasks, readExemplars, type UnreadExemplar } from "@rag-instruct/simulate";
import type { ResolvedConfig } from "../config/schema.ts";
import { demoExemplars } from "../demo/demo.ts";
import { fingerprint } from "../run/files.ts";
import { openPassages, openRetriever } from "../run/retriever.ts";
import type { Stage, StageContext } from "./stage.ts";

/** Exemplars from a file, from the config or the project's own, to `exemplars.jsonl`; those not kept to `exemplars-rejected.jsonl`. */
export function exemplarsStage({ exemplars = demoExemplars, filter }: ResolvedConfig): Stage {
  return {
    name: "exemplars",
    needs: [],
    inputs: async () => ({ filter, from: typeof exemplars === "string" ? await fingerprint([exemplars]) : exemplars }),
    outputs: ["exemplars.jsonl", "exemplars-rejected.jsonl"],
    async run({ folder, signal }) {
      const kept = await openAtomic(folder.path("exemplars.jsonl"));
      const rejected = await openAtomic(folder.path("exemplars-rejected.jsonl"));
      const tally = { read: 0, exemplars: 0, rejected: 0 };
      try {
        for await (const row of filterRows(exemplars, { filter, signal })) {
          tally.read++;
          const isKept = "exemplar" in row;
          tally[isKept ? "exemplars" : "rejected"]++;
          await (isKept ? kept : rejected).write(`${JSON.stringify(isKept ? row.exemplar : row)}\n`);
        }
        if (tally.exemplars === 0) throw noneLeft(exemplars, tally.rejected);
        await kept.commit();
        await rejected.commit();
      } finally {
        await kept.discard();
        await rejected.discard();
      }
      return { counts: tally };
    },
  };
}

type Row = { exemplar: Exemplar } | { id: string; question: string; reason: string; detail: string } | UnreadExemplar;

/** Every row of the source: an exemplar that is kept, or one that is not with its reason. */
async function* filterRows(
  source: string | readonly Exemplar[],
  { filter, signal }: { filter: boolean; signal: StageContext["signal"] },
): AsyncGenerator<Row> {
  const unread: UnreadExemplar[] = [];
  const onUnread = (row: UnreadExemplar) => {
    if (row.reason === "not-json") throw new RagInstructError("bad-record", `${row.file}:${row.line}: ${row.detail}`);
    unread.push(row);
  };
  const read = typeof source === "string" ? readExemplars(source, { onUnread, signal }) : source;
  if (!filter || typeof source !== "string") {
    for await (const exemplar of read) {
      yield* unread.splice(0);
      yield { exemplar };
    }
  } else {
    for await (const outcome of keepKnowledgeIntensive({ exemplars: read, signal })) {
      yield* unread.splice(0);
      if (outcome.status === "accepted") yield { exemplar: outcome.value };
      else if (outcome.status === "rejected") {
        const { id, reason, detail, input } = outcome;
        yield { id, question: input.question, reason, detail };
      } else throw outcome.error;
    }
  }
  yield* unread.splice(0);
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
