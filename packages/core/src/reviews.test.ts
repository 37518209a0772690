import { describe, expect, it } from "vitest";
import { type Review, Reviews, seenHash } from "./reviews.ts";

const pair = (n: number) => ({
  id: `p${n}`,
  paradigm: "single-doc-answer",
  question: `Question ${n}?`,
  answer: `Answer ${n}`,
});

function review(n: number, decision: Review["decision"], more: Partial<Review> = {}): Review {
  const { id, paradigm } = pair(n);
  return { id, paradigm, seen: seenHash(pair(n)), decision, reviewer: "ada", time: "2026-01-02T03:04:05Z", ...more };
}

describe("Reviews", () => {
  it("takes a rejected pair out, gives an edited one its new text, and leaves the others alone", () => {
    const edit = { question: "Better?", answer: "Yes" };
    const reviews = new Reviews([review(1, "rejected"), review(2, "edited", { edit }), review(3, "accepted")]);
    expect([1, 2, 3, 4].map((n) => reviews.apply(pair(n)))).toEqual([
      undefined,
      { ...pair(2), ...edit, edited: true },
      pair(3),
      pair(4),
    ]);
  });

  it("does not decide on a pair whose text has changed since, and knows an edited one again", () => {
    const edit = { question: "Better?", answer: "Yes" };
    const reviews = new Reviews([review(1, "rejected"), review(2, "edited", { edit })]);
    expect(reviews.apply({ ...pair(1), answer: "Another" })).toEqual({ ...pair(1), answer: "Another" });
    expect(reviews.of({ ...pair(2), ...edit })?.decision).toBe("edited");
  });

  it("holds for the turns that go on from a pair: none of a rejected one, and the new text of an edited one", () => {
    const edit = { question: "Better?", answer: "B", options: ["no", "yes"] };
    const reviews = new Reviews([review(1, "rejected"), review(2, "edited", { edit }), review(4, "rejected")]);
    const turn = (n: number) => ({ id: `p${n}`, question: `Question ${n}?`, answer: `Answer ${n}` });
    const after = (...turns: { id?: string; question: string; answer: string }[]) => ({ ...pair(9), history: turns });
    expect(reviews.apply(after(turn(3), turn(1)))).toBeUndefined();
    const told = { id: "p2", question: "Better?\nA. no\nB. yes", answer: "yes" };
    expect(reviews.apply(after(turn(2), turn(3)))).toEqual(after(told, turn(3)));
    expect(reviews.apply(after(told))).toEqual(after(told));
    const unknown = after({ question: "Question 1?", answer: "Answer 1" });
    expect(reviews.apply(unknown)).toBe(unknown);
    expect(reviews.apply({ ...after(turn(2)), ...pair(4) })).toBeUndefined();
  });

  it("lets the last decision count, and an undone one give way to the one before it", () => {
    const reviews = new Reviews([review(1, "rejected"), review(1, "accepted", { reviewer: "bo" })]);
    expect(reviews.of(pair(1))?.decision).toBe("accepted");
    reviews.add(review(1, "undone", { reviewer: "bo" }));
    expect(reviews.of(pair(1))?.decision).toBe("rejected");
    reviews.add(review(1, "undone"));
    expect(reviews.of(pair(1))).toBeUndefined();
  });

  it("keeps a decision that was taken again after it was undone", () => {
    const reviews = new Reviews([review(1, "accepted"), review(1, "undone"), review(1, "rejected")]);
    expect(reviews.of(pair(1))?.decision).toBe("rejected");
    expect(reviews.figures([pair(1), pair(2)])).toMatchObject({ reviewed: 1, accepted: 0, rejected: 1, reviewers: 1 });
  });

  it("counts what the checks had refused among no set that was judged", () => {
    const reviews = new Reviews([review(1, "accepted"), review(2, "rejected", { refused: true })]);
    expect(reviews.figures()).toMatchObject({ reviewed: 1, rejected: 0, good: { share: 1 } });
    expect(reviews.figures([pair(1), pair(2)])).toMatchObject({
      reviewed: 1,
      byParadigm: { "single-doc-answer": { reviewed: 1 } },
    });
    expect(reviews.of(pair(2))?.decision).toBe("rejected");
  });

  it("states the share that is good with its interval, and how far two people agree", () => {
    // The example of Cohen's kappa with 50 decisions of two people: 20 both yes, 15 both no, 5 and 10 mixed.
    const cells: [number, Review["decision"], Review["decision"]][] = [
      [20, "accepted", "accepted"],
      [5, "accepted", "rejected"],
      [10, "rejected", "accepted"],
      [15, "rejected", "rejected"],
    ];
    const reviews = new Reviews();
    let n = 0;
    for (const [count, one, other] of cells)
      for (let i = 0; i < count; i++, n++) {
        reviews.add(review(n, one));
        reviews.add(review(n, other, { reviewer: "bo" }));
      }
    const { good, agreement, reviewed, reviewers } = reviews.figures();
    expect({ reviewed, reviewers }).toEqual({ reviewed: 50, reviewers: 2 });
    expect(agreement).toMatchObject({ comparisons: 50, observed: 0.7 });
    expect(agreement?.kappa).toBeCloseTo(0.4, 10);
    expect(good.share).toBe(0.6);
    expect(good.low).toBeGreaterThan(0.45);
    expect(good.high).toBeLessThan(0.73);
  });
});
