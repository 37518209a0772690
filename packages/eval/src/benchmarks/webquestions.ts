import { defineBenchmark } from "../define-benchmark.ts";

/** WebQuestions (Berant et al. 2013): what people ask a search engine, answered by Freebase entities. Test: 2,032. */
export const webquestions = defineBenchmark({
  id: "webquestions",
  name: "WebQuestions",
  column: "WQA",
  reference: "contains",
  sources: ["webqa_processed_retrieved"],
});
