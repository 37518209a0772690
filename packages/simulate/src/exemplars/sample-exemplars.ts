import { type Exemplar, hashOf, type Outcome, RagInstructError } from "@rag-instruct/core";

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

/** How many exemplars are taken of each source: a number of each, a number of all together, or the largest sample of given proportions. */
export interface ExemplarSample {
  /** Exemplars of every source. */
  each?: number;
  /** Exemplars of all sources together, by their weights; what a small source cannot give comes from the others. */
  total?: number;
  /** Weights by source; 0 leaves a source out. Without `total` as many are taken as the proportions allow. @default 1 for one that is not named */
  weights?: Readonly<Record<string, number>>;
}

/** Throws `bad-option` where a sample says nothing, or two things. */
export function checkSample({ each, total, weights }: ExemplarSample): void {
  if (each === undefined && total === undefined && weights === undefined)
    throw new RagInstructError("bad-option", "a sample needs each, total or weights, such as { each: 1000 }");
  if (each !== undefined && (total !== undefined || weights !== undefined))
    throw new RagInstructError("bad-option", "a sample takes each alone, or total and weights");
}

/** How many are taken of each source, by how many it has. Throws `bad-option` for the weight of a source that is not there. */
function quotasOf(
  { each, total, weights = {} }: ExemplarSample,
  available: ReadonlyMap<string, number>,
): Map<string, number> {
  if (each !== undefined) return mapValues(available, (has) => Math.min(each, has));
  for (const source of Object.keys(weights)) {
    if (available.has(source)) continue;
    const names = [...available.keys()].join(", ");
    throw new RagInstructError("bad-option", `no exemplar is of the source "${source}"; there are ${names}`);
  }
  const weightOf = (source: string) => weights[source] ?? 1;
  if (total === undefined) {
    const scales = [...available].filter(([source]) => weightOf(source) > 0).map(([s, has]) => has / weightOf(s));
    const scale = Math.min(...scales);
    return mapValues(available, (has, source) => Math.min(has, Math.round(scale * weightOf(source))));
  }
  return share(total, { available, weightOf });
}

/** A number shared out by weights, over sources that may have less than their share. */
function share(
  total: number,
  { available, weightOf }: { available: ReadonlyMap<string, number>; weightOf: (source: string) => number },
): Map<string, number> {
  const quotas = mapValues(available, () => 0);
  const has = (source: string) => available.get(source)!;
  let open = [...available.keys()].filter((source) => weightOf(source) > 0);
  let left = total;
  // Those that cannot give their share give all they have, until each of the others can.
  for (;;) {
    const sum = open.reduce((all, source) => all + weightOf(source), 0);
    const short = open.filter((source) => has(source) <= (left * weightOf(source)) / sum);
    if (short.length === 0) break;
    for (const source of short) {
      quotas.set(source, has(source));
      left -= has(source);
    }
    open = open.filter((source) => !short.includes(source));
  }
  let [taken, weight] = [0, 0];
  const sum = open.reduce((all, source) => all + weightOf(source), 0);
  for (const source of open) {
    weight += weightOf(source);
    const upTo = Math.round((left * weight) / sum);
    quotas.set(source, upTo - taken);
    taken = upTo;
  }
  return quotas;
}

function mapValues<K, V, W>(map: ReadonlyMap<K, V>, change: (value: V, key: K) => W): Map<K, W> {
  return new Map([...map].map(([key, value]) => [key, change(value, key)]));
}

/** An exemplar and where it stands in the data. */
interface PlacedExemplar {
  exemplar: Exemplar;
  place: number;
}

/** The exemplars of each source in an order that the seed decides alone, whatever the files' own; of a large source the first of it. */
class DrawnExemplars {
  readonly #seed: number;
  readonly #most: number;
  readonly #bySource = new Map<string, (PlacedExemplar & { rank: string })[]>();
  readonly #counts = new Map<string, number>();

  /** @param most of one source that can be needed */
  constructor({ seed, most }: { seed: number; most: number }) {
    this.#seed = seed;
    this.#most = most;
  }

  /** How many of each source were added. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** Adds one, and gives those that can no longer be needed. */
  add(placed: PlacedExemplar): PlacedExemplar[] {
    const { source, id } = placed.exemplar;
    this.#counts.set(source, (this.#counts.get(source) ?? 0) + 1);
    const drawn = this.#bySource.get(source) ?? [];
    this.#bySource.set(source, drawn);
    drawn.push({ ...placed, rank: hashOf([this.#seed, "sample", id, placed.place]) });
    return drawn.length > 2 * this.#most + 1_000 ? this.#cut(drawn) : [];
  }

  /** Those of a source, the first to be taken first. */
  of(source: string): readonly PlacedExemplar[] {
    const drawn = this.#bySource.get(source) ?? [];
    drawn.sort(byRank);
    return drawn;
  }

  #cut(drawn: (PlacedExemplar & { rank: string })[]): PlacedExemplar[] {
    drawn.sort(byRank);
    return drawn.splice(this.#most);
  }
}

function byRank(a: { rank: string }, b: { rank: string }): number {
  return a.rank < b.rank ? -1 : 1;
}
