/** What one level says: a fault, or none. */
export type LevelVerdict<E, F extends string> =
  | { ok: true; evidence: E; calls: number }
  | { ok: false; reason: F; detail: string; raw?: string; evidence?: E; calls: number };
