import {
  type Exemplar,
  type Passage,
  RagInstructError,
  type Retriever,
  type Source,
  seededRandom,
} from "@rag-instruct/core";
import { paradigms as builtinParadigms, type Paradigm } from "@rag-instruct/paradigms";
import { sampleAnchors } from "./anchors.ts";
import { balanceExemplars, fillSlots, readCounts } from "./slots.ts";
import { chooseTask, rankSources } from "./sources.ts";
import type { SynthesisTask } from "./task.ts";

/** Options of {@link planTasks}. */
export interface PlanOptions {
  exemplars: Source<Exemplar>;
  retriever: Retriever;
  /** Pairs wanted by paradigm. */
  counts: Readonly<Record<string, number>>;
  /**
   * The corpus, read once when it is first needed: where retrieval finds too little for an exemplar, the sources gather
   * around a passage drawn from here. @default none: such a place stays empty
   */
  passages?: () => Source<Passage>;
  /** The paradigms there are. @default the five of the method */
  paradigms?: Readonly<Record<string, Paradigm>>;
  /** @default 1 */
  seed?: number;
  /** Reserve tasks as a share of the count, at least two a paradigm. @default 0.5 */
  reserve?: number;
  /** Ranking depth searched for source documents. @default 50 */
  depth?: number;
  /** Most tasks that one passage serves in, as long as the ranking has others. @default 2 */
  maxUses?: number;
  /** Called for each planned place that there were too few passages for; a reserve takes it. */
  onUnplanned?: (place: { paradigm: string; exemplar: Exemplar; detail: string }) => void;
  signal?: AbortSignal;
}

const exemplarsPerRetrieval = 64;

/**
 * Plans exactly the tasks asked for: exemplars take turns over the paradigms, balanced over their datasets, and each gets
 * source documents retrieved for it, spread over the corpus. First come all wanted tasks, then the reserves; the order and
 * every choice depend on the seed alone. Throws `unknown-paradigm`, `bad-option`, `bad-input` when there are no exemplars,
 * and `corpus-too-small` when there are too few passages for every place of a paradigm.
 */
export async function* planTasks(options: PlanOptions): AsyncGenerator<SynthesisTask> {
  const {
    retriever,
    counts,
    paradigms = builtinParadigms,
    seed = 1,
    reserve = 0.5,
    depth = 50,
    maxUses = 2,
    signal,
  } = options;
  const wanted = readCounts(counts, paradigms);
  const exemplars = balanceExemplars(await Array.fromAsync(options.exemplars), seed);
  if (exemplars.length === 0)
    throw new RagInstructError("bad-input", "there are no exemplars to plan with; give at least one");
  const slots = [...fillSlots(wanted, exemplars, reserve)];
  const anchors = sampleAnchors(options.passages, seed);
  const uses = new Map<string, number>();
  const planned = new Set<string>();
  const met = new Set<string>();

  for (let from = 0; from < slots.length; from += exemplarsPerRetrieval) {
    signal?.throwIfAborted();
    const batch = slots.slice(from, from + exemplarsPerRetrieval);
    const rankings = await rankSources(batch, { retriever, depth, anchors, signal });
    for (const [i, slot] of batch.entries()) {
      const random = seededRandom(seed, "plan", from + i);
      const task = chooseTask(slot, rankings[i]!, { uses, maxUses, random, planned });
      if (!task) {
        const { min, max } = slot.paradigm.documents;
        const detail = `there are no ${min === max ? min : `${min} to ${max}`} passages for it that are not planned yet`;
        options.onUnplanned?.({ paradigm: slot.paradigm.id, exemplar: slot.exemplar, detail });
        continue;
      }
      planned.add(task.id);
      met.add(task.paradigm);
      for (const { id } of task.documents) uses.set(id, (uses.get(id) ?? 0) + 1);
      yield task;
    }
  }
  for (const [{ id, documents }, count] of wanted) {
    if (count === 0 || met.has(id)) continue;
    throw new RagInstructError(
      "corpus-too-small",
      `paradigm ${id} needs ${documents.min} passages and retrieval never finds so many; add documents or exemplars that fit them`,
    );
  }
}
