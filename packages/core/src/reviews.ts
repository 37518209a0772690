import { hashOf } from "./hash.ts";
import { amount } from "./in-words.ts";
import { earlierTurn } from "./instruction-layout.ts";
import { wilsonInterval } from "./outcome.ts";
import { cohensKappa, type Kappa } from "./shares.ts";
import type { EarlierTurn, Pair, TrainingExample } from "./types.ts";

/** What a person decided of a pair; `undone` takes that person's last decision back. */
export type ReviewDecision = "accepted" | "rejected" | "edited" | "undone";

/** The parts of a pair that a person may change. */
export type ReviewEdit = Pick<Pair, "question" | "answer" | "options">;

/** One decision of one person, a line of `reviews.jsonl`. */
export interface Review {
  /** Id of the pair. */
  id: string;
  paradigm: string;
  /** {@link seenHash} of the pair as it stood before the person: a decision holds for that text alone. */
  seen: string;
  decision: ReviewDecision;
  /** The pair's text from then on, where the decision is `edited`. */
  edit?: ReviewEdit;
  reason?: string;
  reviewer: string;
  /** Whether the checks had refused the pair: it is in no data, and the decision says something of the checks alone. */
  refused?: true;
  /** ISO 8601. */
  time: string;
}

/** What of a pair a decision rests on. */
export type Reviewable = Pick<Pair, "id" | "paradigm" | "question" | "answer" | "options" | "history"> &
  Pick<TrainingExample, "seen">;

/** A hash of what a person reads of a pair. Its documents are named by its id. */
export function seenHash({ id, paradigm, question, answer, options, seen }: Reviewable): string {
  if (seen !== undefined) return seen;
  return hashOf([id, paradigm, question, answer, options?.length ? options : null]).slice(0, 16);
}

/** How people judged a set: what the checks had refused is no part of it. */
export interface ReviewFigures {
  /** Pairs with a decision that holds. */
  reviewed: number;
  accepted: number;
  rejected: number;
  edited: number;
  reviewers: number;
  /** The share that was good as it was written, with its Wilson interval at 95%: accepted of all that are decided. */
  good: { share: number; low: number; high: number };
  /** The same by paradigm, without the interval's bounds where nothing is decided. */
  byParadigm: Record<string, { reviewed: number; accepted: number; low: number; high: number }>;
  /** How far two people agree on the pairs that both decided; undefined where there are none. */
  agreement?: Agreement;
}

/** Cohen's kappa between reviewers. */
export interface Agreement extends Pick<Kappa, "observed"> {
  /** Undefined where no two people differ and all decided alike throughout, for which no chance is left. */
  kappa?: number;
  /** Pairs decided by more than one person, counted once for each two of them. */
  comparisons: number;
}

/** The decisions on a run, in the order in which they were made: of each pair the last one counts. */
export class Reviews {
  /** By pair, then by reviewer: what each of them decided last, in that order. */
  readonly #byPair = new Map<string, Map<string, Review[]>>();
  #count = 0;

  /** @param reviews in the order in which they were made */
  constructor(reviews: Iterable<Review> = []) {
    for (const review of reviews) this.add(review);
  }

  /** Lines read, those that were taken back among them. */
  get size(): number {
    return this.#count;
  }

  add(review: Review): void {
    this.#count++;
    const { id, reviewer, decision } = review;
    const ofPair = this.#byPair.get(id) ?? new Map<string, Review[]>();
    const own = ofPair.get(reviewer) ?? [];
    if (decision === "undone") own.pop();
    else own.push(review);
    // Whoever decided last stands last.
    ofPair.delete(reviewer);
    if (own.length > 0) ofPair.set(reviewer, own);
    this.#byPair.set(id, ofPair);
  }

  /** The decision that counts for a pair as it is now; one that was made on another text does not. */
  of(pair: Reviewable): Review | undefined {
    return this.byEach(pair).at(-1);
  }

  /** What each person decided last of a pair as it is now and has not taken back; whoever decided last stands last. */
  byEach(pair: Reviewable): Review[] {
    const standing = this.#standing(pair.id);
    // Most pairs of a set are decided on by nobody.
    if (standing.length === 0) return standing;
    const seen = seenHash(pair);
    return standing.filter((review) => holds(review, pair, seen));
  }

  /** The decision that counted for a pair of which the run keeps no text any more. */
  ofId(id: string): Review | undefined {
    return this.#standing(id).at(-1);
  }

  /**
   * A pair or a training example as the decisions leave it: undefined where it or a turn before it was rejected, with its new text and
   * `edited` where it was edited, and with the new text of an earlier turn. What the decisions were applied to already stays as it is.
   */
  apply<T extends Reviewable>(pair: T): (T & { edited?: true }) | undefined {
    const review = this.of(pair);
    const history = pair.history?.map((turn) => this.#applyTo(turn));
    if (review?.decision === "rejected" || history?.includes(undefined)) return undefined;
    const isOther = history?.some((turn, i) => turn !== pair.history![i]);
    const kept = isOther ? { ...pair, history } : pair;
    if (review?.decision !== "edited" || !review.edit) return kept as T;
    const { question, answer, options } = review.edit;
    return { ...(kept as T), question, answer, options, edited: true };
  }

  /** An earlier turn as the decisions on its pair leave it, whose id is that of its text. */
  #applyTo(turn: EarlierTurn): EarlierTurn | undefined {
    const { decision, edit } = (turn.id !== undefined && this.ofId(turn.id)) || {};
    if (decision === "rejected") return undefined;
    return decision === "edited" && edit ? earlierTurn({ id: turn.id, ...edit }) : turn;
  }

  /** What the decisions come to, over the given pairs, or over all that were ever decided. */
  figures(pairs?: Iterable<Reviewable>): ReviewFigures {
    const all = pairs ? [...pairs].flatMap((pair) => this.of(pair) ?? []) : this.#last();
    const decided = all.filter(({ refused }) => !refused);
    const count = (decision: ReviewDecision, among = decided) =>
      among.filter((review) => review.decision === decision).length;
    const byParadigm: ReviewFigures["byParadigm"] = {};
    for (const [paradigm, among] of Map.groupBy(decided, (review) => review.paradigm)) {
      const accepted = count("accepted", among);
      const interval = wilsonInterval({ successes: accepted, trials: among.length });
      byParadigm[paradigm] = { reviewed: among.length, accepted, ...interval };
    }
    const accepted = count("accepted");
    return {
      reviewed: decided.length,
      accepted,
      rejected: count("rejected"),
      edited: count("edited"),
      reviewers: new Set(decided.flatMap(({ id }) => [...(this.#byPair.get(id)?.keys() ?? [])])).size,
      good: {
        share: decided.length === 0 ? 0 : accepted / decided.length,
        ...wilsonInterval({ successes: accepted, trials: decided.length }),
      },
      byParadigm,
      agreement: this.#agreement(),
    };
  }

  #standing(id: string): Review[] {
    return [...(this.#byPair.get(id)?.values() ?? [])].flatMap((own) => own.at(-1) ?? []);
  }
  #last(): Review[] {
    return [...this.#byPair.keys()].flatMap((id) => this.#standing(id).at(-1) ?? []);
  }
  /** Over every two people who saw the same text; of three and more the mean over each two of them, by the pairs that they share. */
  #agreement(): Agreement | undefined {
    const shared = new Map<string, [ReviewDecision, ReviewDecision][]>();
    for (const id of this.#byPair.keys()) {
      const standing = this.#standing(id).sort((a, b) => (a.reviewer < b.reviewer ? -1 : 1));
      for (const [i, one] of standing.entries())
        for (const other of standing.slice(i + 1)) {
          if (one.seen !== other.seen) continue;
          const people = JSON.stringify([one.reviewer, other.reviewer]);
          const both = shared.get(people) ?? [];
          both.push([one.decision, other.decision]);
          shared.set(people, both);
        }
    }
    const groups = [...shared.values()];
    const comparisons = groups.reduce((sum, group) => sum + group.length, 0);
    if (comparisons === 0) return undefined;
    const alike = groups.flat().filter(([one, other]) => one === other).length;
    const kappas = groups.map((group) => ({ kappa: cohensKappa(group)?.kappa, weight: group.length }));
    const known = kappas.filter((each) => each.kappa !== undefined);
    const weights = known.reduce((sum, { weight }) => sum + weight, 0);
    const kappa = known.reduce((sum, { kappa, weight }) => sum + kappa! * weight, 0) / weights;
    return { comparisons, observed: alike / comparisons, kappa: weights > 0 ? kappa : undefined };
  }
}

/** How far people agree beyond chance, in how many comparisons. */
export function agreementText({ kappa, comparisons }: Agreement): string {
  const beyond =
    kappa === undefined ? "all alike, which chance would give as well" : `Cohen's kappa ${kappa.toFixed(2)}`;
  return `${beyond}, ${amount(comparisons, "comparison")}`;
}

/** What decisions came to, in a sentence; undefined where nothing is decided. */
export function describeReviews({
  reviewed,
  rejected,
  edited,
  reviewers,
  good,
  agreement,
}: ReviewFigures): string | undefined {
  if (reviewed === 0) return undefined;
  const percent = (share: number) => Math.round(100 * share);
  const people = reviewers === 1 ? "one person" : `${reviewers} people`;
  const kappa = agreement
    ? `; where two decided, they agree on ${percent(agreement.observed)}% (${agreementText(agreement)})`
    : "";
  return `${amount(reviewed, "pair")} read by ${people}: ${percent(good.share)}% good as written (95% interval ${percent(good.low)} to ${percent(good.high)}%), ${rejected} rejected and left out, ${edited} edited${kappa}`;
}

/** Whether a decision was made on a pair's present text, or made that text. */
function holds({ seen, edit }: Review, pair: Reviewable, now: string): boolean {
  return (
    seen === now ||
    (edit !== undefined && seenHash({ ...pair, ...edit, options: edit.options, seen: undefined }) === now)
  );
}
