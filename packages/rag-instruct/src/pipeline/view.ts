import { paradigmById, promptOfPair, relationOf } from "@rag-instruct/paradigms";
import { checkLexically } from "@rag-instruct/simulate";
import { editedPair, type RunTrial, serveViewer, type Viewer } from "@rag-instruct/viewer";
import { judgeOf } from "./judge-edit.ts";

/** Serves run folders to one browser on this machine, with the rules and the free checks of the five paradigms. */
export function viewRuns(
  runs: readonly string[],
  { port, trial, signal }: { port?: number; trial?: RunTrial; signal?: AbortSignal } = {},
): Promise<Viewer> {
  return serveViewer({
    runs,
    port,
    trial,
    signal,
    judgeOf,
    ruleOf: (id) => relationOf(id),
    promptOf: (request) => promptOfPair(request),
    checkEdit(item) {
      const { paradigm: id, exemplar } = item;
      if (relationOf(id) === undefined) return { ok: true };
      const verdict = checkLexically(editedPair(item), { paradigm: paradigmById(id), exemplar });
      return verdict.ok ? { ok: true } : { ok: false, reason: verdict.reason, detail: verdict.detail };
    },
  });
}
