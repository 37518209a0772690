import { type Passage, RagInstructError, type Source, seededRandom } from "@rag-instruct/core";

const mostAnchors = 10_000;

/** Passages drawn from all over a corpus, one after another. */
export interface Anchors {
  /** The next passage of the sample that fits; undefined where none does any more. */
  next(fits: (passage: Passage) => boolean): Promise<Passage | undefined>;
}

/**
 * A uniform sample of the corpus by reservoir (Vitter 1985, algorithm R), drawn when the first anchor is asked for and
 * dealt out in turn. Without passages there are no anchors.
 */
export function sampleAnchors(passages: (() => Source<Passage>) | undefined, seed: number): Anchors {
  let sample: Promise<Passage[]> | undefined;
  let dealt = 0;
  return {
    async next(fits) {
      if (!passages) return undefined;
      sample ??= drawSample(passages(), seed);
      const drawn = await sample;
      for (let tried = 0; tried < drawn.length; tried++) {
        const passage = drawn[dealt++ % drawn.length]!;
        if (fits(passage)) return passage;
      }
      return undefined;
    },
  };
}

async function drawSample(passages: Source<Passage>, seed: number): Promise<Passage[]> {
  const random = seededRandom(seed, "anchors");
  const sample: Passage[] = [];
  let seen = 0;
  for await (const passage of passages) {
    const place = random.integer(++seen);
    if (sample.length < mostAnchors) sample.push(passage);
    else if (place < mostAnchors) sample[place] = passage;
  }
  if (seen === 0)
    throw new RagInstructError("corpus-empty", "there are no passages to plan with; ingest documents first");
  return random.shuffle(sample);
}

/** What finds the passages around an anchor: its title and the first words of its text. */
export function queryFor({ title, text }: Passage): string {
  return `${title} ${text.split(/\s+/).slice(0, 30).join(" ")}`.trim();
}
