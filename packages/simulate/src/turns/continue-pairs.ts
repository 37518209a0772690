import {
  badOption,
  type EarlierTurn,
  type Exemplar,
  hashOf,
  inBatches,
  type Pair,
  type Passage,
  plainAnswer,
  questionWithOptions,
  type Retriever,
  type SeededRandom,
  type Source,
  seededRandom,
} from "@rag-instruct/core";
import { allParadigms, type Paradigm, paradigmById } from "@rag-instruct/paradigms";
import { takesTask } from "../plan/exemplar-rotation.ts";
import { groupsOf } from "../plan/sources.ts";
import type { SynthesisTask } from "../plan/task-queue.ts";
import { type SynthesizeOptions, synthesize } from "../synthesis/synthesize.ts";
import type { SynthesisOutcome } from "../synthesis/write-pair.ts";
import { answerText } from "../verify/answers.ts";

/** Options of {@link continuePairs}. */
export interface ContinueOptions
  extends Omit<SynthesizeOptions, "tasks" | "counts" | "replaced" | "stopWhen" | "retryRejected" | "onProgress"> {
  /** First turns, or later ones to go on from, held in memory with what grows from them. */
  pairs: Source<Pair>;
  /** Instructions whose form the later questions imitate; those that ask for a question with choices or a verdict are passed over. */
  exemplars: readonly Exemplar[];
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

/** A conversation as far as it has grown. */
interface Conversation {
  last: Pair;
  turns: EarlierTurn[];
  /** Ids of the documents that its turns have. */
  used: ReadonlySet<string>;
}

const helping = ["single-doc-answer", "multi-doc-answer", "single-doc-support", "multi-doc-support"];
const pairsAtOnce = 64;

/**
 * Grows pairs into conversations of up to four turns: for each pair a next one that goes on from it, with documents of its own, and so on from
 * those that were accepted. A later turn is a pair with `history` and `standalone`, verified with and without what went before; it has an outcome like any
 * other, and one that is not accepted ends its conversation there. Outcomes come turn by turn, in the order of the pairs. Throws `bad-option`, and what `synthesize` throws.
 */
export async function* continuePairs(options: ContinueOptions): AsyncGenerator<SynthesisOutcome> {
  const { pairs, turns } = options;
  if (!Number.isInteger(turns) || turns < 2 || turns > 4)
    throw badOption(`a conversation has 2 to 4 turns, not ${turns}`);
  const isUnfinished = (conversation: Conversation) => conversation.turns.length < turns;
  let open = (await Array.fromAsync(pairs)).map((last) => grown(undefined, last)).filter(isUnfinished);
  while (open.length > 0) {
    const going = new Map<string, Conversation>();
    const stuck: SynthesisOutcome[] = [];
    const tasks = async function* (): AsyncGenerator<SynthesisTask> {
      for await (const { task, conversation } of nextTasks(open, options)) {
        if (task.documents.length === 0) stuck.push(noDocuments(task));
        else {
          going.set(task.id, conversation);
          yield task;
        }
      }
    };
    const next: Conversation[] = [];
    for await (const outcome of synthesize({ ...options, tasks: tasks() })) {
      if (outcome.status === "accepted") next.push(grown(going.get(outcome.id), outcome.value));
      yield outcome;
    }
    yield* stuck;
    open = next.filter(isUnfinished);
  }
}

function grown(before: Conversation | undefined, last: Pair): Conversation {
  const answer = answerText({ ...last, answer: plainAnswer(last) });
  return {
    last,
    turns: [...(before?.turns ?? last.history ?? []), { question: questionWithOptions(last), answer }],
    used: new Set([...(before?.used ?? []), ...last.documents.map(({ id }) => id)]),
  };
}

function noDocuments(task: SynthesisTask): SynthesisOutcome {
  const detail = "the ranking has no passages that no turn has yet";
  return { status: "rejected", id: task.id, input: task, reason: "no-further-documents", detail };
}

/** A task for each conversation; one without documents where none are left. */
async function* nextTasks(
  conversations: readonly Conversation[],
  { exemplars, retriever, paradigms = allParadigms, follow = helping, seed = 1, depth = 50, signal }: ContinueOptions,
): AsyncGenerator<{ task: SynthesisTask; conversation: Conversation }> {
  const choices = follow.map((id) => paradigmById(id, paradigms));
  const fitting = exemplars.filter(({ task }) => !/^(?:multiple-choice|claim|yes-no|long-form)$/.test(task));
  if (fitting.length === 0 || choices.length === 0)
    throw badOption("later turns need exemplars that ask openly, and a paradigm to follow");
  for await (const batch of inBatches(conversations, pairsAtOnce)) {
    const queries = batch.map(({ last, turns }) => `${last.standalone ?? last.question} ${turns.at(-1)!.answer}`);
    const rankings = await retriever.retrieve(queries, { limit: depth, signal });
    for (const [i, conversation] of batch.entries()) {
      const { last, used, turns } = conversation;
      const random = seededRandom(seed, "turn", last.id);
      const fresh = rankings[i]!.map(({ passage }) => passage).filter(({ id }) => !used.has(id));
      const tried = random
        .shuffle(choices)
        .map((paradigm) => ({ paradigm, documents: documentsFor(paradigm, fresh, random) }));
      const { paradigm, documents } = tried.find(({ documents }) => documents.length > 0) ?? tried[0]!;
      const among = fitting.filter((exemplar) => takesTask(paradigm, exemplar));
      const exemplar = random.pick(among.length > 0 ? among : fitting);
      const id = hashOf([last.id, paradigm.id, paradigm.version, exemplar.id, documents.map(({ id }) => id)]);
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
