import {
  badOption,
  type EarlierTurn,
  type Exemplar,
  earlierTurn,
  hashOf,
  inBatches,
  type OnProgress,
  type Pair,
  type Passage,
  type RagInstructError,
  type Retriever,
  type SeededRandom,
  type Source,
  seededRandom,
  standaloneQuestion,
} from "@rag-instruct/core";
import { allParadigms, type Paradigm, paradigmById } from "@rag-instruct/paradigms";
import { knownFrom } from "../duplicates/drop-duplicates.ts";
import { takesTask } from "../plan/exemplar-rotation.ts";
import { groupsOf } from "../plan/sources.ts";
import type { SynthesisTask } from "../plan/task-queue.ts";
import { isUnpaid } from "../synthesis/early-stop.ts";
import { type SynthesizeOptions, synthesize } from "../synthesis/synthesize.ts";
import type { SynthesisOutcome } from "../synthesis/write-pair.ts";

/** Options of {@link continuePairs}. */
export interface ContinueOptions extends Omit<SynthesizeOptions, "tasks" | "counts" | "replaced"> {
  /** First turns, or later ones to go on from. */
  pairs: Source<Pair>;
  /** Instructions whose form the later questions imitate; those that ask for a question with choices or a verdict are passed over. */
  exemplars: Source<Exemplar>;
  /** Finds the documents of each turn. */
  retriever: Retriever;
  /** Turns of a conversation at most, 2 to 4. */
  turns: number;
  /** Ids of the paradigms that later turns take, drawn by the seed among those that there are documents for. @default the method's four whose documents help */
  follow?: readonly string[];
  /** @default 1 */
  seed?: number;
  /** Ranking depth searched for the documents of a turn. @default 50 */
  depth?: number;
}

/** A conversation as far as it has grown, without its documents. */
interface Conversation {
  /** Id of its last pair. */
  id: string;
  /** What documents of the next turn are searched for by: what the last pair is about, its question as it is understood alone, and its answer. */
  query: string;
  turns: EarlierTurn[];
  /** Ids of the documents that its turns have. */
  used: readonly string[];
}

const helping = ["single-doc-answer", "multi-doc-answer", "single-doc-support", "multi-doc-support"];
// So many grow together, turn by turn: enough to keep all calls busy, and few enough to be held.
const conversationsAtOnce = 10_000;
const mostExemplars = 10_000;
const pairsAtOnce = 64;

/**
 * Grows pairs into conversations of up to four turns: for each pair a next one that goes on from it, with documents of its own, and so on from
 * those that were accepted. A later turn is a pair with `history` and `standalone`, verified with and without what went before; it has an outcome like any
 * other, and one that is not accepted ends its conversation there. Outcomes come turn by turn, in the order of the pairs, of ten thousand
 * conversations after another; none is begun once the budget is used up. Throws `bad-option`, and what `synthesize` throws.
 */
export async function* continuePairs(options: ContinueOptions): AsyncGenerator<SynthesisOutcome> {
  const { pairs, turns, duplicates } = options;
  if (!Number.isInteger(turns) || turns < 2 || turns > 4)
    throw badOption(`a conversation has 2 to 4 turns, not ${turns}`);
  const form = await formOf(options);
  const later = { ...options, duplicates: duplicates && knownFrom(duplicates) };
  for await (const begun of inBatches(unfinished(pairs, turns), conversationsAtOnce)) {
    let open: Conversation[] | undefined = begun;
    for (let turn = 2; open.length > 0; turn++) {
      open = yield* takeTurn(open, { turn, form, options: later });
      if (!open) return;
      // A model that can write second turns is not tried anew with each that comes after.
      later.stopWhen = undefined;
    }
  }
}

async function* unfinished(pairs: Source<Pair>, turns: number): AsyncGenerator<Conversation> {
  for await (const pair of pairs) {
    const conversation = grown(undefined, pair);
    if (conversation.turns.length < turns) yield conversation;
  }
}

/** Grows conversations by a turn, and returns those that go on; nothing once the budget is used up. */
async function* takeTurn(
  conversations: readonly Conversation[],
  { turn, form, options }: { turn: number; form: TurnForm; options: ContinueOptions },
): AsyncGenerator<SynthesisOutcome, Conversation[] | undefined> {
  const { turns } = options;
  const asked = new Map<string, Conversation>();
  const stuck: SynthesisOutcome[] = [];
  async function* tasks(): AsyncGenerator<SynthesisTask> {
    for await (const { task, conversation } of nextTasks(conversations, form, options)) {
      if (task.documents.length === 0) stuck.push(noDocuments(task));
      else {
        asked.set(task.id, conversation);
        yield task;
      }
    }
  }
  const written = synthesize({
    ...options,
    tasks: tasks(),
    onProgress: progressOf(turn, conversations.length, options.onProgress),
  });
  const next: Conversation[] = [];
  let isPaid = true;
  for await (const outcome of written) {
    if (outcome.status === "accepted") next.push(grown(asked.get(outcome.id), outcome.value));
    isPaid &&= !isUnpaid(outcome);
    yield outcome;
  }
  yield* stuck;
  return isPaid ? next.filter(({ turns: { length } }) => length < turns) : undefined;
}

/** Progress of one turn, of so many that may be accepted. */
function progressOf(turn: number, total: number, onProgress: OnProgress | undefined): OnProgress | undefined {
  return (
    onProgress &&
    (({ note, ...progress }) =>
      onProgress({ ...progress, total, note: note ? `turn ${turn}, ${note}` : `turn ${turn}` }))
  );
}

function grown(before: Conversation | undefined, last: Pair): Conversation {
  const turn = earlierTurn(last);
  const titles = new Set(last.documents.map(({ title }) => title));
  return {
    id: last.id,
    query: [...titles, standaloneQuestion(last), turn.answer].join(" ").trim(),
    turns: [...(before?.turns ?? last.history ?? []), turn],
    used: [...(before?.used ?? []), ...last.documents.map(({ id }) => id)],
  };
}

function noDocuments(task: SynthesisTask): SynthesisOutcome {
  const detail = "the ranking has no passages that no turn has yet";
  return { status: "rejected", id: task.id, input: task, reason: noFurtherDocuments, detail };
}

/** The reason of a turn that was never asked for, since there is nothing to write it from. */
export const noFurtherDocuments = "no-further-documents";

/** What later turns are written in the form of. */
interface TurnForm {
  paradigms: readonly Paradigm[];
  /** Those that may serve a paradigm, or where none does all. */
  exemplarsOf: ReadonlyMap<Paradigm, readonly Exemplar[]>;
}

function asksOpenly({ task }: Exemplar): boolean {
  return !/^(?:multiple-choice|claim|yes-no|long-form)$/.test(task);
}

function noneOpen(): RagInstructError {
  return badOption(
    "later turns need exemplars that ask openly, and all there are have choices, verdicts or long texts for answers",
  );
}

/** Reads exemplars up to one that later turns can imitate. Throws `bad-option` where there is none. */
export async function requireOpenExemplar(exemplars: Source<Exemplar>): Promise<void> {
  for await (const exemplar of exemplars) if (asksOpenly(exemplar)) return;
  throw noneOpen();
}

/** Throws `bad-option` where there is nothing to imitate, or no paradigm to follow. */
async function formOf(options: ContinueOptions): Promise<TurnForm> {
  const { exemplars, paradigms = allParadigms, follow = helping, seed = 1 } = options;
  const random = seededRandom(seed, "turn exemplars");
  const open: Exemplar[] = [];
  let met = 0;
  for await (const exemplar of exemplars) {
    if (!asksOpenly(exemplar)) continue;
    // Of more than are held each has the same chance to stay (Vitter's algorithm R).
    const place = met < mostExemplars ? met : random.integer(met + 1);
    met++;
    if (place < mostExemplars) open[place] = exemplar;
  }
  if (open.length === 0) throw noneOpen();
  if (follow.length === 0) throw badOption("later turns need a paradigm to follow");
  const choices = follow.map((id) => paradigmById(id, paradigms));
  const fitting = choices.map((paradigm) => {
    const among = open.filter((exemplar) => takesTask(paradigm, exemplar));
    return [paradigm, among.length > 0 ? among : open] as const;
  });
  return { paradigms: choices, exemplarsOf: new Map(fitting) };
}

/** A task for each conversation; one without documents where none are left. */
async function* nextTasks(
  conversations: readonly Conversation[],
  { paradigms, exemplarsOf }: TurnForm,
  { retriever, seed = 1, depth = 50, signal }: ContinueOptions,
): AsyncGenerator<{ task: SynthesisTask; conversation: Conversation }> {
  for await (const batch of inBatches(conversations, pairsAtOnce)) {
    const rankings = await retriever.retrieve(
      batch.map(({ query }) => query),
      { limit: depth, signal },
    );
    for (const [i, conversation] of batch.entries()) {
      const { id: last, used, turns } = conversation;
      const random = seededRandom(seed, "turn", last);
      const fresh = rankings[i]!.map(({ passage }) => passage).filter(({ id }) => !used.includes(id));
      const tried = random
        .shuffle(paradigms)
        .map((paradigm) => ({ paradigm, documents: documentsFor(paradigm, fresh, random) }));
      const { paradigm, documents } = tried.find(({ documents }) => documents.length > 0) ?? tried[0]!;
      const exemplar = random.pick(exemplarsOf.get(paradigm)!);
      const id = hashOf([last, paradigm.id, paradigm.version, exemplar.id, documents.map(({ id }) => id)]);
      const task = { id, paradigm: paradigm.id, exemplar, documents, history: turns, reserve: false };
      yield { task, conversation };
    }
  }
}

/** The best passages that may serve a paradigm together; none where they are too few. */
function documentsFor(
  { documents: { min, max }, fits }: Paradigm,
  fresh: readonly Passage[],
  random: SeededRandom,
): Passage[] {
  if (fresh.length < min) return [];
  const count = min + random.integer(Math.min(max, fresh.length) - min + 1);
  const [group = []] = groupsOf(fresh, { count, fits });
  return group;
}
