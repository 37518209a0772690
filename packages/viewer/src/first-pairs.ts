import type { Verdict } from "./shape.ts";

/** What is looked at of a pair to begin with it. */
interface Candidate {
  paradigm: string;
  verdict: Verdict;
  question?: string;
  answer?: string;
  options?: readonly string[];
}

const shownFirst = 3;
// A question that says little, or an answer that is one word or goes on for long, is no good beginning.
const questionLength = { least: 30, most: 220 };
const answerLength = { least: 12, most: 400 };
// The method's own, those first whose documents do the most; others stand between them.
const telling = ["multi-doc-answer", "single-doc-answer", "multi-doc-support", "single-doc-support"];
const leastTelling = "useless-doc";

/** Picks three accepted pairs of different paradigms that are quickly read, from all of a run as they come. */
export class FirstPairPicker<T> {
  /** Of each paradigm the first that is quickly read, and the first of any kind. */
  readonly #best = new Map<string, { quick?: T; any: T }>();

  offer(candidate: Candidate, kept: () => T): void {
    const { paradigm, verdict } = candidate;
    if (verdict !== "accepted") return;
    const best = this.#best.get(paradigm);
    if (best?.quick !== undefined) return;
    if (isQuick(candidate)) this.#best.set(paradigm, { any: best?.any ?? kept(), quick: kept() });
    else if (!best) this.#best.set(paradigm, { any: kept() });
  }

  /** The most telling ones first. */
  pick(): T[] {
    return [...this.#best]
      .sort(([a, one], [b, other]) => Number(!one.quick) - Number(!other.quick) || placeOf(a) - placeOf(b))
      .slice(0, shownFirst)
      .map(([, { quick, any }]) => quick ?? any);
  }
}

function isQuick({ question = "", answer = "", options = [] }: Candidate): boolean {
  const isWithin = (text: string, { least, most }: typeof questionLength) =>
    text.length >= least && text.length <= most;
  return isWithin(question, questionLength) && (options.length > 0 || isWithin(answer, answerLength));
}

function placeOf(paradigm: string): number {
  if (paradigm === leastTelling) return telling.length + 1;
  const place = telling.indexOf(paradigm);
  return place < 0 ? telling.length : place;
}
