import { type BuiltinParadigmId, RagInstructError } from "@rag-instruct/core";
import { multiDocAnswer } from "./multi-doc-answer.ts";
import { multiDocSupport } from "./multi-doc-support.ts";
import type { Paradigm } from "./paradigm.ts";
import { singleDocAnswer } from "./single-doc-answer.ts";
import { singleDocSupport } from "./single-doc-support.ts";
import { uselessDoc } from "./useless-doc.ts";

/** The five paradigms of the method by id. */
export const paradigms: Readonly<Record<BuiltinParadigmId, Paradigm>> = {
  "useless-doc": uselessDoc,
  "single-doc-support": singleDocSupport,
  "multi-doc-support": multiDocSupport,
  "single-doc-answer": singleDocAnswer,
  "multi-doc-answer": multiDocAnswer,
};

/** A paradigm by id, from `among` if given. Throws `unknown-paradigm` and names those there are. */
export function paradigmById(id: string, among: Readonly<Record<string, Paradigm>> = paradigms): Paradigm {
  const paradigm = Object.hasOwn(among, id) ? among[id] : undefined;
  if (paradigm) return paradigm;
  throw new RagInstructError(
    "unknown-paradigm",
    `there is no paradigm "${id}"; choose from ${Object.keys(among).join(", ")}`,
  );
}
