import type { Exemplar, Passage } from "@rag-instruct/core";

/** One pair to write: an exemplar, a paradigm and the source documents. */
export interface SynthesisTask {
  /** Hash of paradigm, exemplar and documents. */
  id: string;
  paradigm: string;
  exemplar: Exemplar;
  /** The source documents D*. */
  documents: Passage[];
  /** Drawn only when another task of its paradigm is not accepted. */
  reserve: boolean;
  /** What the checks found where its pair was rejected; no part of a plan. */
  evidence?: Record<string, unknown>;
}
