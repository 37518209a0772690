import type { Exemplar, Passage } from "@rag-instruct/core";
import { type FilterExemplarsOptions, filterExemplars } from "../exemplars/filter-exemplars.ts";
import { type PlanOptions, planTasks } from "./plan-tasks.ts";

/** Options of {@link broughtTasks}. */
export interface BroughtTasksOptions
  extends Pick<FilterExemplarsOptions, "filter" | "sample" | "seed" | "mayHoldNone" | "signal">,
    Pick<PlanOptions, "counts" | "paradigms"> {}

/**
 * What exemplars come to that bring their documents, without a corpus: pairs by paradigm, and those documents. What a model would judge
 * is not known yet, and counts as the free rules say. Throws what {@link filterExemplars} and {@link planTasks} throw.
 */
export async function broughtTasks(
  source: string | readonly string[] | readonly Exemplar[],
  { counts: wanted, paradigms, filter = "rules", signal, ...reading }: BroughtTasksOptions,
): Promise<{ counts: Record<string, number>; passages: Passage[] }> {
  async function* exemplars(): AsyncGenerator<Exemplar> {
    const free = filter === "model" ? "rules" : filter;
    for await (const outcome of filterExemplars(source, { ...reading, filter: free, signal }))
      if (outcome.status === "accepted") yield outcome.value;
  }
  const counts: Record<string, number> = {};
  const passages: Passage[] = [];
  const tasks = planTasks({ exemplars: exemplars(), counts: wanted, paradigms, onUnplanned: () => {}, signal });
  for await (const { paradigm, documents } of tasks) {
    counts[paradigm] = (counts[paradigm] ?? 0) + 1;
    passages.push(...documents);
  }
  return { counts, passages };
}
