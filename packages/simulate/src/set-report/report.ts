import type { QuestionKind } from "./question-kind.ts";

/** Name of a set's figures in a run folder. */
export const setReportFile = "set-report.json";

/** A generated set in figures, as plain JSON. */
export interface SetReport {
  /** Of this shape. */
  version: 1;
  seed: number | string;
  /** Accepted + rejected + failed = requested. */
  requested: number;
  accepted: number;
  rejected: number;
  failed: number;
  /** Rejected items by reason, most frequent first. */
  reasons: Record<string, number>;
  /** Accepted pairs whose relation words alone have checked and cannot prove. */
  unproved: number;
  /** In the order in which they first came. */
  paradigms: ParadigmFigures[];
  verification: {
    /** Accepted pairs by the level they were verified at; `none` where no verdict is kept. */
    levels: Record<string, number>;
    /** Calls that the verdicts took, those shared through the ledger counted each time they were needed. */
    calls: CallFigures;
    /** Of these the calls of proofs, over the items that came so far. */
    proofCalls: CallFigures;
  };
  /** Source documents of the accepted pairs. */
  documents: {
    uses: number;
    distinct: number;
    mostUsesOfOne: number;
    /** Passages of the corpus, where it was said. */
    corpus?: number;
    /** Share of the corpus that serves as a source document, where the corpus' size is known. */
    coverage?: number;
  };
  questionKinds: Partial<Record<QuestionKind, number>>;
  /** In words. */
  lengths: { question: Lengths; answer: Lengths; document: Lengths };
  /** Questions by language, ISO 639-1; `unknown` where the question says too little. Most frequent first. */
  languages: Record<string, number>;
  diversity: {
    questions: DistinctGrams;
    answers: DistinctGrams;
    /** How like a question is to the most similar other one of the sample. */
    nearest: NearestQuestions;
    selfBleu: {
      /** Mean BLEU-4 of a question against the others of the sample, 0 to 1; lower is more diverse. Null below two questions. */
      score: number | null;
      /** Questions drawn. */
      sample: number;
    };
  };
  exemplars: {
    distinct: number;
    /** Accepted pairs of the exemplar that served most often. */
    mostPairsOfOne: number;
    /** Accepted pairs by the dataset of their exemplar, most frequent first; absent where no exemplars were given. */
    sources?: { source: string; pairs: number; share: number }[];
  };
}

/** What verdicts took. */
export interface CallFigures {
  /** Items that keep the number of their calls. */
  items: number;
  total: number;
  /** Calls an item; 0 where there are none. */
  mean: number;
}

/** One paradigm's part of the set. */
export interface ParadigmFigures {
  paradigm: string;
  requested: number;
  accepted: number;
  rejected: number;
  failed: number;
  /** Accepted pairs whose relation words alone have checked and cannot prove: `verify` at `judge` can. */
  unproved: number;
  /** Accepted among accepted and rejected, with its 95% Wilson interval. Null where nothing was decided. */
  acceptance: { share: number; low: number; high: number } | null;
  /** Most frequent first. */
  reasons: Record<string, number>;
}

/** How long texts are. All 0 where there are none. */
export interface Lengths {
  mean: number;
  min: number;
  p5: number;
  median: number;
  p95: number;
  max: number;
}

/** Distinct n-grams of words as a share of all (distinct-n, Li et al. 2016), for n from 1 to 3. */
export interface DistinctGrams {
  distinct1: number;
  distinct2: number;
  distinct3: number;
}

/** How like questions are to their nearest neighbours, by the Jaccard similarity of their words: 0 nothing shared, 1 the same words. */
export interface NearestQuestions {
  /** Mean over the sample. Null below two questions. */
  mean: number | null;
  /** Questions that share half of their words, or more, with their nearest neighbour, as a share of the sample. */
  alike: number | null;
  /** Questions drawn. */
  sample: number;
}
