import { amount, type Passage, type ScoredPassage } from "@rag-instruct/core";

const maxShown = 160;

/** A ranking in lines for people: rank, score, where the passage comes from, and how it begins. */
export function rankingLines(found: readonly ScoredPassage[]): string[] {
  if (found.length === 0) return ["No passage shares a word with the question."];
  return found.flatMap(({ passage, rank, score }) => {
    const text = passage.text.replace(/\s+/g, " ");
    const begin = text.length > maxShown ? `${text.slice(0, maxShown)}…` : text;
    return [`${String(rank).padStart(3)}  ${score.toFixed(3)}  ${passageLine(passage)}`, `     ${begin}`];
  });
}

/** A passage in a line for people: its title, and the file that it comes from, or its id where no file is known. */
export function passageLine({ id, title, metadata }: Passage): string {
  const place = typeof metadata?.source === "string" ? metadata.source : id;
  return title ? `${title}  (${place})` : place;
}

/**
 * What is said of questions that have fewer passages than were asked for.
 * @param found how many each of them has @param of.isByWords whether BM25 alone ranked
 */
export function shortRankingsLine(
  found: readonly number[],
  { limit = 250, isByWords }: { limit?: number; isByWords: boolean },
): string {
  const why = isByWords
    ? "BM25 finds only passages that share a word with the question; embed the run, and the rest is filled in by dense search"
    : "the run has no more passages";
  return `${amount(found.length, "question has", "questions have")} fewer than ${amount(limit, "passage")}, the fewest ${Math.min(...found)}: ${why}`;
}
