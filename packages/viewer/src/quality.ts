import { join } from "node:path";
import { amount, type Calibration, measureNames, measuresOf, wholeLines } from "@rag-instruct/core";
import { readJsonFile } from "@rag-instruct/core/node";
import {
  type Bar,
  barTable,
  card,
  countHtml,
  foreignHtml,
  nothing,
  shareHtml,
  tileList,
} from "@rag-instruct/core/page";

/** What the report shows of `set-report.json`, which `setReport` of `@rag-instruct/simulate` makes. */
export interface SetFigures {
  accepted: number;
  /** Accepted pairs whose relation words alone have checked and cannot prove; absent in older runs. */
  unproved?: number;
  /** Rejected items by reason. */
  reasons: Record<string, number>;
  verification: {
    /** Accepted pairs by the level they were verified at. */
    levels: Record<string, number>;
    /** Calls of the verdicts: items that keep their number, and calls an item. */
    calls: { items: number; mean: number };
    /** Of these the calls of proofs. */
    proofCalls: { items: number; mean: number };
  };
  /** Source documents of the accepted pairs; `coverage` is their share of the corpus. */
  documents: { distinct: number; mostUsesOfOne: number; corpus?: number; coverage?: number };
  questionKinds: Record<string, number>;
  languages: Record<string, number>;
  diversity: {
    questions: DistinctGrams;
    answers: DistinctGrams;
    /** How like questions are to their nearest neighbours; absent in older runs. */
    nearest?: { mean: number | null; alike: number | null; sample: number };
    selfBleu: { score: number | null; sample: number };
  };
  exemplars: { distinct: number; mostPairsOfOne: number; sources?: { source: string; pairs: number }[] };
}

/** Distinct n-grams of words as a share of all, for n from 1 to 3. */
interface DistinctGrams {
  distinct1: number;
  distinct2: number;
  distinct3: number;
}

/** What the report shows of `noise.json`. */
export interface NoiseFigures {
  /** Candidates that the guards refused by words, by reason. */
  refused: Record<"source" | "near-copy" | "states-answer" | "repeated", number>;
  /** What a model found in the noise documents of a sample. */
  proof?: {
    examples: number;
    checked: number;
    answering: number;
    undecided: number;
    left: number;
    leftAtMost: number | null;
  };
}

/** What the report shows of `decontamination.json`. */
export interface BenchmarkFigures {
  /** Words that had to stand in a row in both. */
  words: number;
  /** Texts of the benchmarks, by benchmark. */
  texts: Record<string, number>;
  /** Pairs taken out, by benchmark and by where they held the text. */
  taken: Record<string, Record<string, number>>;
  /** Records that give no question, by benchmark. */
  unread: Record<string, number>;
}

/** What is known of a set's quality beside its pairs. */
export interface Quality {
  set: SetFigures;
  noise?: NoiseFigures;
  benchmarks?: BenchmarkFigures;
}

/** What a run folder keeps of the set's figures and of the checks of noise and of benchmarks; undefined without the figures. */
export async function readQuality(run: string): Promise<Quality | undefined> {
  const [set, noise, benchmarks] = await Promise.all([
    readJsonFile<SetFigures>(join(run, "set-report.json")),
    readJsonFile<NoiseFigures>(join(run, "noise.json")),
    readJsonFile<BenchmarkFigures>(join(run, "decontamination.json")),
  ]);
  return set && { set, noise, benchmarks };
}

/** What the checks and the figures of the set say, as cards. */
export function qualityCards({ set, noise, benchmarks }: Quality): string[] {
  return [
    '<div class="columns">',
    card("How the pairs were verified", verification(set)),
    card("What the questions ask", questionKinds(set)),
    card("Variety", variety(set)),
    card("Where the exemplars come from", exemplars(set)),
    card("Noise that must not answer", noiseText(noise)),
    card("Benchmarks that must not be in it", benchmarkText(benchmarks)),
    "</div>",
  ];
}

/** How the model that judged the pairs stands to the people who reviewed them; nothing where none did both. */
export function calibrationCards(found: Calibration | undefined): string[] {
  if (!found?.agreement) return [];
  const rows = [...Object.entries(found.byParadigm), ["all", found] as const].map(
    ([name, figures]) =>
      `<tr><th scope="row">${foreignHtml(name)}</th>${measuresOf(figures)
        .map((measure) => `<td>${measure}</td>`)
        .join("")}</tr>`,
  );
  const heads = ["paradigm", ...measureNames].map((name) => `<th scope="col">${name}</th>`).join("");
  const table = `<div class="wide-table"><table><caption>The model's verdicts against people's, with 95% intervals: precision is the share of good pairs among the reviewed that it accepted, recall the share that it accepted of the good ones, specificity the share that it rejected of the others.</caption><thead><tr>${heads}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
  return [card("Whether the judge can be trusted", `${table}<p>${wholeLines(found).join(" ")}</p>`)];
}

function verification({
  verification: { levels, calls, proofCalls },
  documents,
  accepted,
  unproved = 0,
}: SetFigures): string {
  if (accepted === 0) return nothing("No pair was accepted.");
  const { corpus, coverage } = documents;
  const uses = `${countHtml(documents.distinct)} documents serve as sources, none more than ${countHtml(documents.mostUsesOfOne)} times`;
  const share = corpus === undefined ? "" : `: ${shareHtml(coverage ?? 0, 1)} of the corpus`;
  const tiles = Object.entries(levels).map(([level, count]) => [
    `pairs at level ${foreignHtml(level)}`,
    countHtml(count),
  ]);
  if (unproved > 0) tiles.push(["of these not proved by words", countHtml(unproved)]);
  if (calls.items > 0) tiles.push(["calls a verdict", calls.mean.toFixed(2)]);
  if (proofCalls.items > 0) tiles.push(["of these for a proof", proofCalls.mean.toFixed(2)]);
  const advice =
    unproved > 0
      ? ` No words can prove that documents support an answer or do not help with it: <code class="flag">--verify judge</code> asks a model about ${amount(unproved, "pair")}, a call each.`
      : "";
  return `${tileList(tiles)}<p class="quiet">${uses}${share}.${advice}</p>`;
}

function questionKinds({ questionKinds, languages, accepted }: SetFigures): string {
  if (accepted === 0) return nothing("There are no questions.");
  const spoken = Object.entries(languages).map(([code, count]) => `${foreignHtml(code)} ${countHtml(count)}`);
  const table = barTable(shareBars(Object.entries(questionKinds), { whole: accepted }), {
    caption: "Accepted questions by their form.",
    heads: ["Form", "Questions"],
  });
  return `${table}<p class="quiet">By language: ${spoken.join(", ")}.</p>`;
}

function variety({ diversity: { questions, answers, nearest, selfBleu }, reasons }: SetFigures): string {
  const duplicates = (reasons["exact-duplicate"] ?? 0) + (reasons["near-duplicate"] ?? 0);
  const figures = tileList([
    ["distinct words, pairs and triples of questions", triple(questions)],
    ["of answers", triple(answers)],
    ["self-BLEU of questions", selfBleu.score === null ? "–" : selfBleu.score.toFixed(3)],
    ["rejected as duplicates", countHtml(duplicates)],
  ]);
  const alike =
    nearest?.alike == null
      ? ""
      : `${shareHtml(nearest.alike, 1)} of the questions share half of their words or more with the one most like them; on average they share ${shareHtml(nearest.mean ?? 0, 1)}. `;
  return `${figures}<p class="quiet">${alike}Self-BLEU over ${amount(selfBleu.sample, "question")}: 1 when they repeat each other, 0 when they share nothing.</p>`;
}

function triple({ distinct1, distinct2, distinct3 }: SetFigures["diversity"]["questions"]): string {
  return [distinct1, distinct2, distinct3].map((share) => share.toFixed(2)).join(" · ");
}

function exemplars({ exemplars: { sources = [], distinct, mostPairsOfOne }, accepted }: SetFigures): string {
  if (accepted === 0 || sources.length === 0) return nothing("It is not known.");
  const counts = sources.map(({ source, pairs }) => [source, pairs] as const);
  const table = barTable(shareBars(counts, { whole: accepted }), {
    caption: "Accepted pairs by the dataset of their exemplar.",
    heads: ["Dataset", "Pairs"],
  });
  return `${table}<p class="quiet">${amount(distinct, "exemplar")}, none for more than ${amount(mostPairsOfOne, "pair")}.</p>`;
}

function noiseText(noise: NoiseFigures | undefined): string {
  if (!noise) return nothing("Nothing is kept of its checks.");
  const { refused, proof } = noise;
  const words = `By its words, ${amount(refused["states-answer"], "candidate was", "candidates were")} refused for stating the answer and ${countHtml(refused.source + refused["near-copy"] + refused.repeated)} for being a copy.`;
  return `<p>${words}</p><p>${proof ? proofText(proof) : "No model was asked; from level judge on one is."}</p>`;
}

function proofText({
  examples,
  checked,
  answering,
  undecided,
  leftAtMost,
  left,
}: NonNullable<NoiseFigures["proof"]>): string {
  const open = undecided > 0 ? `, ${countHtml(undecided)} could not be decided` : "";
  const found = `A model read the noise of ${countHtml(checked + undecided)} of ${amount(examples, "example")}: ${countHtml(answering)} had a document that answers${open}; these were left out.`;
  if (leftAtMost === null) return found;
  const bound = leftAtMost === 0 ? "None of" : `At most ${(100 * leftAtMost).toFixed(2)}% of`;
  return `${found} ${bound} the ${countHtml(left)} that stay has one${leftAtMost === 0 ? "" : " (95% Wilson interval)"}.`;
}

function benchmarkText(benchmarks: BenchmarkFigures | undefined): string {
  if (!benchmarks) return nothing("No benchmarks were named.");
  const { texts, taken, words, unread } = benchmarks;
  const rows = Object.entries(texts).map(([source, count]): Bar => {
    const out = Object.values(taken[source] ?? {}).reduce((sum, one) => sum + one, 0);
    const left = unread[source] ? `, ${amount(unread[source], "record")} not read` : "";
    return {
      label: source,
      parts: [{ className: "rejected", value: out }],
      note: `${countHtml(out)} <span class="quiet">of ${countHtml(count)} texts${left}</span>`,
    };
  });
  return barTable(rows, {
    caption: `Pairs rejected because they share ${words} words with a text of a benchmark, or are one.`,
    heads: ["Benchmark", "Pairs"],
  });
}

/** A bar for each count, with its share of the whole. */
export function shareBars(
  counts: Iterable<readonly [label: string, count: number]>,
  { whole, className = "accepted" }: { whole: number; className?: string },
): Bar[] {
  return Array.from(counts, ([label, value]) => ({
    label,
    parts: [{ className, value }],
    whole,
    note: `${countHtml(value)} <span class="quiet">${shareHtml(value, whole)}</span>`,
  }));
}
