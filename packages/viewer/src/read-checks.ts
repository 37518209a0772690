import { readFile } from "node:fs/promises";

/** What the report shows of `set-report.json`, which `setReport` of `@rag-instruct/simulate` makes. */
export interface SetFigures {
  accepted: number;
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
export async function readChecks(path: (name: string) => string): Promise<Quality | undefined> {
  const [set, noise, benchmarks] = await Promise.all([
    readJson<SetFigures>(path("set-report.json")),
    readJson<NoiseFigures>(path("noise.json")),
    readJson<BenchmarkFigures>(path("decontamination.json")),
  ]);
  return set && { set, noise, benchmarks };
}

async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
