import { amount, containsAnswer, type Outcome, type Passage, RagInstructError, seededRandom } from "@rag-instruct/core";
import { accuracyOf } from "./accuracy.ts";
import { type Arrangement, type EvaluateOptions, evaluate } from "./evaluate.ts";
import type { EvalItem } from "./item.ts";
import type { Scored } from "./score-answers.ts";
import { comparePaired, type Interval, type PairedComparison } from "./statistics.ts";

/** Accuracy under one condition, and how it compares with the paragraphs as they are. */
export interface ConditionResult {
  condition: string;
  accuracy: Interval;
  /** Items whose call failed; they do not count. */
  failed: number;
  /** Against the paragraphs as they are; undefined for that condition itself, and when no item was answered under both. */
  comparison?: PairedComparison;
}

/** Options of {@link measureRobustness}. */
export interface RobustnessOptions extends Omit<EvaluateOptions, "items" | "arrange"> {
  /** Asked once under each condition, so they are held in memory. */
  items: readonly EvalItem[];
  /** Conditions by name. @default 1, 3 and 5 paragraphs, reversed, shuffled, and without the answer */
  conditions?: Readonly<Record<string, Arrangement>>;
}

/** The paragraphs as they are: what every condition is compared with. */
const baseline = "as retrieved";

/** The conditions measured unless others are given; `noisyDocuments` needs a pool and so is not among them. */
export const robustnessConditions: Readonly<Record<string, Arrangement>> = {
  "1 paragraph": firstDocuments(1),
  "3 paragraphs": firstDocuments(3),
  "5 paragraphs": firstDocuments(5),
  reversed: reversedDocuments(),
  shuffled: shuffledDocuments(),
  "without the answer": documentsWithoutAnswer(),
};

/** Asks every item under every condition, and compares each condition with the paragraphs as they are, item by item. */
export async function measureRobustness(options: RobustnessOptions): Promise<ConditionResult[]> {
  const { conditions = robustnessConditions, ...rest } = options;
  const first = await collect(evaluate(rest));
  const results: ConditionResult[] = [
    { condition: baseline, accuracy: accuracyOf(first.answers), failed: first.failed },
  ];
  for (const [condition, arrange] of Object.entries(conditions)) {
    const { answers, failed } = await collect(evaluate({ ...rest, arrange }));
    const comparison = compareAnswers(first.answers, answers);
    results.push({ condition, accuracy: accuracyOf(answers), failed, comparison });
  }
  return results;
}

/** The paired comparison of two runs by accuracy, the second against the first; undefined when they share no item. */
export function compareAnswers(
  first: readonly Scored[],
  second: readonly Scored[],
  options: { seed?: number | string; permutations?: number } = {},
): PairedComparison | undefined {
  const ids = new Set(first.map(({ id }) => id));
  if (!second.some(({ id }) => ids.has(id))) return undefined;
  return comparePaired(first.map(itemValue), second.map(itemValue), options);
}

function itemValue({ id, score }: Scored): { id: string; value: number } {
  return { id, value: score.correct ? 1 : 0 };
}

async function collect(
  outcomes: AsyncIterable<Outcome<Scored, EvalItem>>,
): Promise<{ answers: Scored[]; failed: number }> {
  const answers: Scored[] = [];
  let failed = 0;
  for await (const outcome of outcomes) {
    if (outcome.status === "accepted") answers.push(outcome.value);
    else failed++;
  }
  return { answers, failed };
}

/** Only the first so many. */
export function firstDocuments(count: number): Arrangement {
  return (documents) => documents.slice(0, count);
}

/** The best last. */
export function reversedDocuments(): Arrangement {
  return (documents) => documents.toReversed();
}

/** In random order, the same for an item whatever else runs. */
export function shuffledDocuments({ seed = 1 }: { seed?: number | string } = {}): Arrangement {
  return (documents, item) => seededRandom(seed, "shuffle", item.id).shuffle(documents);
}

/**
 * So many of the last paragraphs give way to documents drawn from a pool, none of which holds a gold answer; then all are
 * shuffled. The number of paragraphs stays. Throws `corpus-too-small` when the pool has too few.
 */
export function noisyDocuments({
  pool,
  count,
  seed = 1,
}: {
  pool: readonly Passage[];
  count: number;
  seed?: number | string;
}): Arrangement {
  return (documents, item) => {
    const random = seededRandom(seed, "noise", item.id);
    const wanted = Math.min(count, documents.length);
    const kept = documents.slice(0, documents.length - wanted);
    const taken = new Set(documents.map(({ id }) => id));
    const noise: Passage[] = [];
    for (const at of drawOrder(pool.length, random.integer)) {
      if (noise.length === wanted) break;
      const candidate = pool[at]!;
      if (taken.has(candidate.id) || item.golds.some((gold) => containsAnswer(candidate.text, gold))) continue;
      taken.add(candidate.id);
      noise.push(candidate);
    }
    if (noise.length < wanted) {
      throw new RagInstructError(
        "corpus-too-small",
        `the pool has ${amount(noise.length, "document")} without an answer to item ${item.id}, ${wanted} are asked for; give a larger pool`,
      );
    }
    return random.shuffle([...kept, ...noise]);
  };
}

/** Without the paragraphs that hold a gold answer: what is left can be answered from memory alone. */
export function documentsWithoutAnswer(): Arrangement {
  return (documents, item) =>
    documents.filter(
      ({ title, text }) => !item.golds.some((gold) => containsAnswer(text, gold) || containsAnswer(title, gold)),
    );
}

/** Places in random order, drawn one by one, so that a pool of millions is not shuffled for ten documents. */
function* drawOrder(length: number, integer: (below: number) => number): Generator<number> {
  const moved = new Map<number, number>();
  for (let end = length; end > 0; end--) {
    const at = integer(end);
    yield moved.get(at) ?? at;
    moved.set(at, moved.get(end - 1) ?? end - 1);
  }
}
