import type { BuiltinParadigmId } from "@rag-instruct/core";
import { describeRelation, type Paradigm, paradigms, promptOfPair } from "@rag-instruct/paradigms";
import { checkLexically } from "@rag-instruct/simulate";
import { type RunTrial, serveViewer, type Viewer } from "@rag-instruct/viewer";
import { judgeOf, pairOf } from "./judge-edit.ts";

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
    ruleOf: (id) => {
      const paradigm = builtin(id);
      return paradigm && describeRelation(paradigm);
    },
    promptOf: (request) => promptOfPair(request),
    checkEdit(item) {
      const paradigm = builtin(item.paradigm);
      if (!paradigm) return { ok: true };
      const verdict = checkLexically(pairOf(item), { paradigm, exemplar: item.exemplar });
      return verdict.ok ? { ok: true } : { ok: false, reason: verdict.reason, detail: verdict.detail };
    },
  });
}

function builtin(id: string): Paradigm | undefined {
  return Object.hasOwn(paradigms, id) ? paradigms[id as BuiltinParadigmId] : undefined;
}
