import { RagInstructError } from "@rag-instruct/core";
import type { Benchmark } from "./benchmark.ts";
import { arcChallenge, casehold, medqa, openbookqa } from "./benchmarks/choice-benchmarks.ts";
import { convfinqa } from "./benchmarks/convfinqa.ts";
import { hotpotqa, twoWiki } from "./benchmarks/multi-hop.ts";
import { musique } from "./benchmarks/musique.ts";
import { naturalQuestions } from "./benchmarks/natural-questions.ts";
import { popqa } from "./benchmarks/popqa.ts";
import { pubhealth } from "./benchmarks/pubhealth.ts";
import { pubmedqa } from "./benchmarks/pubmedqa.ts";
import { triviaqa } from "./benchmarks/triviaqa.ts";
import { webquestions } from "./benchmarks/webquestions.ts";

/** The eleven benchmarks of the method's published table in its order, then three more. */
export const benchmarks: readonly Benchmark[] = [
  webquestions,
  popqa,
  triviaqa,
  openbookqa,
  pubhealth,
  arcChallenge,
  twoWiki,
  hotpotqa,
  musique,
  convfinqa,
  pubmedqa,
  medqa,
  casehold,
  naturalQuestions,
];

const byName = new Map(
  benchmarks.flatMap((benchmark) => [benchmark.id, ...(benchmark.sources ?? [])].map((name) => [name, benchmark])),
);

/** A benchmark by its id, or by a name that the method's own evaluation file uses for it. Throws `bad-option` for an unknown one. */
export function findBenchmark(benchmark: string | Benchmark): Benchmark {
  if (typeof benchmark !== "string") return benchmark;
  const found = byName.get(benchmark);
  if (found) return found;
  throw new RagInstructError(
    "bad-option",
    `there is no benchmark "${benchmark}"; there are ${benchmarks.map(({ id }) => id).join(", ")}, and defineBenchmark makes others`,
  );
}
