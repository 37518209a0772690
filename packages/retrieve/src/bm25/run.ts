import { join } from "node:path";

/**
 * Postings of consecutive passages, sorted by term, in a temporary file: where each term's begin among them and the last one's
 * end (four bytes each), then the row of each posting, counted from the run's first (two bytes), and its frequency (one byte).
 */
export interface Run {
  folder: string;
  name: string;
  /** Terms known when the run was written; later ones have no postings in it. */
  terms: number;
  firstRow: number;
  postings: number;
}

/** Most texts of a run: their rows take two bytes each. */
export const mostTexts = 1 << 16;

export function runPath({ folder, name }: Pick<Run, "folder" | "name">): string {
  return join(folder, `${name}.run`);
}
