import { type Reviews, seenHash } from "@rag-instruct/core";
import type { RunItem } from "../read-run.ts";
import type { Item, ItemDocument } from "./api.ts";

/** A pair as it is shown, with all that led there. */
export function itemOf(
  item: RunItem,
  given: {
    number: number;
    reviews: Reviews;
    rule?: string;
    prompt?: string;
    canJudge: boolean;
  },
): Item {
  const {
    id,
    paradigm,
    question = "",
    answer = "",
    options,
    history,
    verdict,
    reason,
    detail,
    model,
    exemplar,
    evidence,
  } = item;
  const shown = { id, paradigm, question, answer, options };
  return {
    ...shown,
    number: given.number,
    history,
    rule: given.rule,
    verdict,
    reason,
    detail,
    model,
    exemplar,
    evidence,
    documents: documentsOf(item),
    prompt: given.prompt,
    reply: item.raw,
    seen: seenHash(shown),
    review: given.reviews.of(shown),
    canJudge: given.canJudge,
  };
}

/** Sources in the order in which the model read them, then the noise. */
function documentsOf({ sources, example }: RunItem): ItemDocument[] {
  const first = sources.map((passage, i): ItemDocument => {
    const { rank } = example?.documents.find(({ id }) => id === passage.id) ?? {};
    return { ...passage, role: "source", rank, number: i + 1 };
  });
  const others = example?.documents.filter(({ role }) => role !== "source") ?? [];
  return [...first, ...others];
}
