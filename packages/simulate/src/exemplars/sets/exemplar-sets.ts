import { type Exemplar, hashOf, type Task } from "@rag-instruct/core";
import { checks } from "./checks.ts";
import { explanations } from "./explanations.ts";
import { facts } from "./facts.ts";
import { general } from "./general.ts";
import { handbook } from "./handbook.ts";
import type { ExemplarSetName, Written } from "./names.ts";
import { reasoning } from "./reasoning.ts";
import { technical } from "./technical.ts";

// Written for this project, in the forms that people's instructions take, and under its licence.
const sets: Readonly<Record<ExemplarSetName, Written>> = {
  general,
  facts,
  handbook,
  technical,
  reasoning,
  explanations,
  checks,
};

/**
 * The exemplars of a set that comes with the package, some dozens each, written for it and under its licence; their `source` is
 * `rag-instruct-` and the name.
 */
export function exemplarSet(name: ExemplarSetName): Exemplar[] {
  const source = `rag-instruct-${name}`;
  return Object.entries(sets[name]).flatMap(([task, ofTask]) =>
    ofTask.map((written) => {
      const [question, ...choices] = typeof written === "string" ? [written] : written;
      const options = choices.length > 0 ? choices : undefined;
      return { id: hashOf([source, question]), question, source, task: task as Task, options };
    }),
  );
}
