import { defineBenchmark } from "../define-benchmark.ts";

/** Natural Questions, open (Kwiatkowski et al. 2019; Lee et al. 2019). Test: 3,610. The published table leaves it out. */
export const naturalQuestions = defineBenchmark({
  id: "nq",
  name: "Natural Questions",
});
