import type { Exemplar, Outcome } from "@rag-instruct/core";
import { DrawnExemplars, type PlacedExemplar } from "./drawn-exemplars.ts";
import { checkSample, type ExemplarSample, quotasOf } from "./quotas.ts";

type Row<I> = Outcome<Exemplar, Exemplar | I>;
type Accepted = Extract<Outcome<Exemplar>, { status: "accepted" }>;

interface SampleOptions<I> {
  sample: ExemplarSample;
  seed: number;
  /** Says of exemplars, in their order, whether they are kept. @default all are */
  judge: ((exemplars: Accepted[]) => AsyncIterable<Row<I>>) | undefined;
}

// Of each source so many more than are wanted can be judged, where a judge keeps few.
const spare = { factor: 4, more: 100 };

/**
 * Passes as many accepted rows of each source as the sample takes, drawn by the seed, in the order of the data; the others are rejected
 * as `not-sampled`. What was rejected before passes. With a judge those drawn first are judged, and for those that it does not keep the
 * next ones, so that no more is judged than the sample needs. Throws what `quotasOf` throws.
 */
export async function* sampleExemplars<I>(
  rows: AsyncIterable<Row<I>>,
  { sample, seed, judge }: SampleOptions<I>,
): AsyncGenerator<Row<I>> {
  checkSample(sample);
  const wanted = sample.each ?? sample.total ?? Number.POSITIVE_INFINITY;
  const drawn = new DrawnExemplars({ seed, most: judge ? wanted * spare.factor + spare.more : wanted });
  let place = 0;
  for await (const row of rows) {
    if (row.status !== "accepted") yield row;
    else yield* drawn.add({ exemplar: row.value, place: place++ }).map(notSampled);
  }
  const waves = new Waves({ drawn, quotas: quotasOf(sample, drawn.counts) });
  for (let wave = waves.next(); wave.length > 0; wave = waves.next()) {
    const asked = wave.map(({ exemplar }) => acceptedOf(exemplar));
    let at = 0;
    for await (const outcome of judge ? judge(asked) : asked) {
      const placed = wave[at++]!;
      if (outcome.status === "accepted") waves.keep(placed);
      else yield outcome;
      waves.judged++;
    }
  }
  const { taken, left } = waves.end();
  yield* left.map(notSampled);
  yield* taken.map(({ exemplar }) => acceptedOf(exemplar));
}

// Fewer are never taken to be kept, or a wave would be the whole of a source.
const minShare = 0.05;

/** Takes what was drawn in waves: as many of each source as are missing, and more by the share that was kept so far. */
class Waves {
  readonly #drawn: DrawnExemplars;
  readonly #quotas: ReadonlyMap<string, number>;
  readonly #next = new Map<string, number>();
  readonly #kept = new Map<string, PlacedExemplar[]>();
  #keptInAll = 0;
  judged = 0;

  constructor({ drawn, quotas }: { drawn: DrawnExemplars; quotas: ReadonlyMap<string, number> }) {
    this.#drawn = drawn;
    this.#quotas = quotas;
  }

  next(): PlacedExemplar[] {
    const share = this.judged === 0 ? 1 : Math.max(minShare, this.#keptInAll / this.judged);
    return [...this.#quotas].flatMap(([source, quota]) => {
      const missing = quota - this.#of(source).length;
      const from = this.#next.get(source) ?? 0;
      const wave = missing > 0 ? this.#drawn.of(source).slice(from, from + Math.ceil(missing / share)) : [];
      this.#next.set(source, from + wave.length);
      return wave;
    });
  }

  keep(placed: PlacedExemplar): void {
    this.#of(placed.exemplar.source).push(placed);
    this.#keptInAll++;
  }

  /** The sample in the order of the data, and what it did not need. */
  end(): { taken: PlacedExemplar[]; left: PlacedExemplar[] } {
    const [taken, left]: [PlacedExemplar[], PlacedExemplar[]] = [[], []];
    for (const [source, quota] of this.#quotas) {
      const kept = this.#of(source);
      taken.push(...kept.slice(0, quota));
      left.push(...kept.slice(quota), ...this.#drawn.of(source).slice(this.#next.get(source) ?? 0));
    }
    return { taken: taken.sort((a, b) => a.place - b.place), left };
  }

  #of(source: string): PlacedExemplar[] {
    const kept = this.#kept.get(source) ?? [];
    this.#kept.set(source, kept);
    return kept;
  }
}

function acceptedOf(exemplar: Exemplar): Accepted & { value: Exemplar } {
  return { status: "accepted", id: exemplar.id, value: exemplar };
}

function notSampled({ exemplar }: PlacedExemplar): Row<never> {
  const detail = `the sample has enough of ${exemplar.source} without it`;
  return { status: "rejected", id: exemplar.id, input: exemplar, reason: "not-sampled", detail };
}
