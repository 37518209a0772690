import { RagInstructError } from "@rag-instruct/core";

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
export function quotasOf(
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
