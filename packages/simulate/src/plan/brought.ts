import { amount, type Exemplar, RagInstructError } from "@rag-instruct/core";
import { type Paradigm, paradigmById } from "@rag-instruct/paradigms";
import { makeTask, type UnplannedPlace } from "./sources.ts";
import type { SynthesisTask } from "./task-queue.ts";

/** What {@link planBrought} plans by. */
interface BroughtOptions {
  paradigms: Readonly<Record<string, Paradigm>>;
  /** Pairs wanted by paradigm; undefined for all. */
  wanted: readonly [Paradigm, number][] | undefined;
  onUnplanned: ((place: UnplannedPlace) => void) | undefined;
}

/**
 * Tasks of exemplars that bring their documents, as the method's own data.json does: each once, in the order of the data, under the
 * paradigm that it names, else under the first one whose number of documents it has. Throws `bad-input` for an exemplar without
 * documents, and `unknown-paradigm`.
 */
export function* planBrought(
  exemplars: readonly Exemplar[],
  { paradigms, wanted, onUnplanned }: BroughtOptions,
): Generator<SynthesisTask> {
  const left = wanted && new Map(wanted.map(([{ id }, count]) => [id, count]));
  const isWanted = ({ id }: Paradigm) => left === undefined || (left.get(id) ?? 0) > 0;
  const planned = new Set<string>();
  for (const exemplar of exemplars) {
    const { documents, id } = exemplar;
    if (documents === undefined) {
      throw new RagInstructError(
        "bad-input",
        `exemplar ${id} brings no documents and there is no corpus to find some in; give documents, or only exemplars that bring theirs`,
      );
    }
    const fits = (paradigm: Paradigm) =>
      documents.length >= paradigm.documents.min && documents.length <= paradigm.documents.max;
    const named = exemplar.paradigm === undefined ? undefined : paradigmById(exemplar.paradigm, paradigms);
    const paradigm = named ?? Object.values(paradigms).find((each) => fits(each) && isWanted(each));
    if (paradigm === undefined || !isWanted(paradigm)) continue;
    if (!fits(paradigm)) {
      const detail = `it brings ${amount(documents.length, "document")}, and the paradigm takes ${paradigm.documents.min} to ${paradigm.documents.max}`;
      onUnplanned?.({ paradigm: paradigm.id, exemplar, detail });
      continue;
    }
    const task = makeTask({ paradigm, reserve: false }, exemplar, documents);
    if (planned.has(task.id)) continue;
    planned.add(task.id);
    left?.set(paradigm.id, left.get(paradigm.id)! - 1);
    yield task;
  }
}
