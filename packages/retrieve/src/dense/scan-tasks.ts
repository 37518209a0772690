import { type Candidates, candidatesOf } from "./candidates.ts";
import { decodeRows, measureRows, scanRows, selectProducts } from "./scan-rows.ts";
import type { ScanTask } from "./scan-task.ts";
import { rankCandidates, rescoreCandidates, settleCandidates } from "./score-candidates.ts";
import type { Pass } from "./shared-pass.ts";
import { type ThreadSetup, threadSpace } from "./thread-space.ts";

/** What one thread does: runs tasks over the shared memory until nothing of them is left. */
export function scanTasks(setup: ThreadSetup): (task: ScanTask) => void {
  const space = threadSpace(setup);
  let last: { id: number; candidates: Candidates } | undefined;
  const candidatesFor = (pass: Pass): Candidates => {
    if (last?.id !== pass.id) last = { id: pass.id, candidates: candidatesOf(space.shared, pass, space.thread) };
    return last.candidates;
  };
  return (task) => {
    switch (task.kind) {
      case "scan":
        return scanRows(space, candidatesFor(task.pass), task);
      case "select":
        return selectProducts(space, candidatesFor(task.pass), task);
      case "measure":
        return measureRows(space, task);
      case "decode":
        return decodeRows(space, task);
      case "merge": {
        const candidates = candidatesFor(task.pass);
        for (const { first } of space.pieces(task.pass, task.pass.queries, 1)) candidates.merge(first);
        return;
      }
      case "rescore":
        return rescoreCandidates(space, task);
      case "settle":
        return settleCandidates(space, candidatesFor(task.pass), task);
      case "rank":
        return rankCandidates(space, task);
    }
  };
}
