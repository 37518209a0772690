import { isUnpaid } from "./budget-stop.ts";
import type { SynthesisOutcome } from "./write-pair.ts";

/** When a model is given up: after so many outcomes, where too few of them were accepted. */
export interface StopRule {
  /** Outcomes that are waited for. Those that the budget had no room for do not count. */
  outcomes: number;
  /** Share of them that must be accepted, 0 to 1. */
  accepted: number;
}

/** The first outcomes of a synthesis, in the order of the plan. Until they show that the model can do it, no more tasks are begun. */
export class Trial {
  readonly #rule: StopRule;
  #underWay = 0;
  #seen = 0;
  #accepted = 0;
  #wake = () => {};

  constructor(rule: StopRule) {
    this.#rule = rule;
  }

  /** Waits until one more task may be begun. */
  async begin(): Promise<void> {
    while (!this.#isOver && this.#underWay >= this.#rule.outcomes - this.#seen) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#underWay++;
  }

  add(outcome: SynthesisOutcome): void {
    this.#underWay--;
    if (!this.#isOver && !isUnpaid(outcome)) {
      this.#seen++;
      if (outcome.status === "accepted") this.#accepted++;
    }
    this.#wake();
  }

  get isHopeless(): boolean {
    return this.#seen >= this.#rule.outcomes && !this.#isPassed;
  }

  get #isPassed(): boolean {
    return this.#accepted >= this.#rule.accepted * this.#rule.outcomes;
  }

  get #isOver(): boolean {
    return this.#isPassed || this.#seen >= this.#rule.outcomes;
  }
}
