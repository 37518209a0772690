import { Foreign } from "./foreign.tsx";
import { Documents, QuestionAndAnswer, type ReadPair } from "./pair.tsx";

/** Pairs to begin with: the question, the answer, and the documents that it was written from. */
export function FirstPairs({
  pairs,
  hrefOf,
  link,
}: {
  pairs: readonly ReadPair[];
  /** Where the pair of this place is shown whole. */
  hrefOf: (place: number) => string;
  /** What the way there says. */
  link: string;
}) {
  if (pairs.length === 0) return <p class="none">No pair has been accepted yet.</p>;
  return (
    <div class="first-pairs">
      {pairs.map((pair, i) => (
        <article class="card" key={pair.id}>
          <p class="quiet">
            <strong>
              <Foreign text={pair.paradigm} />
            </strong>
            {pair.rule && `: ${pair.rule}`}
          </p>
          <QuestionAndAnswer {...pair} isHeading={false} />
          <Documents {...pair} documents={pair.documents.filter(({ role }) => role === "source")} isShort />
          <p>
            <a href={hrefOf(i)}>{link}</a>
          </p>
        </article>
      ))}
    </div>
  );
}
