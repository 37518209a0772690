/** What a long operation says of itself while it runs. */
export interface Progress {
  /** The stage, such as `ingest`. */
  stage: string;
  /** Items finished so far. */
  done: number;
  /** Items in all, where that is known. */
  total?: number;
  /** A few words more, such as the file being read. */
  note?: string;
}

/** Takes progress in; must return quickly and not throw. */
export type OnProgress = (progress: Progress) => void;
