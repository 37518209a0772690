import { RagInstructError } from "@rag-instruct/core";
import type { Benchmark } from "./benchmark.ts";
import { convfinqa } from "./benchmarks/convfinqa.ts";
import { arcChallenge, casehold, medqa, openbookqa } from "./benchmarks/multiple-choice.ts";
import {
  heldOut,
  hotpotqa,
  musique,
  naturalQuestions,
  popqa,
  triviaqa,
  twoWiki,
  webquestions,
} from "./benchmarks/open-questions.ts";
import { pubhealth, pubmedqa } from "./benchmarks/verdicts.ts";

/** The eleven benchmarks of the method's published table in its order, then three more and the examples of one's own run, by id. */
export const benchmarks = {
  webquestions,
  popqa,
  triviaqa,
  openbookqa,
  pubhealth,
  "arc-challenge": arcChallenge,
  "2wikimultihopqa": twoWiki,
  hotpotqa,
  musique,
  convfinqa,
  pubmedqa,
  medqa,
  casehold,
  nq: naturalQuestions,
  "held-out": heldOut,
} satisfies Readonly<Record<string, Benchmark>>;

const byName = new Map<string, Benchmark>(
  Object.entries(benchmarks).flatMap(([id, benchmark]) => [
    [id, benchmark],
    ...(benchmark.sources ?? []).map((name) => [name, benchmark] as const),
  ]),
);

/** Whether {@link findBenchmark} knows a name. */
export function isBenchmarkName(name: string): boolean {
  return byName.has(name);
}

/** A benchmark by its id, or by a name that the method's own evaluation file uses for it. Throws `bad-option` for an unknown one. */
export function findBenchmark(benchmark: string | Benchmark): Benchmark {
  if (typeof benchmark !== "string") return benchmark;
  const found = byName.get(benchmark);
  if (found) return found;
  throw new RagInstructError(
    "bad-option",
    `there is no benchmark "${benchmark}"; there are ${Object.keys(benchmarks).join(", ")}, and defineBenchmark makes others`,
  );
}
