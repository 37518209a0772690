import type { Layout } from "../benchmark.ts";
import { defineBenchmark } from "../define-benchmark.ts";
import { commonLayout } from "../layouts/common.ts";
import { textOf } from "../layouts/fields.ts";

/** Monthly page views of the subject below which an entity counts as rare. */
const rareBelow = 100;

/** PopQA's own columns; subject popularity and property become groups. */
const popqaLayout: Layout = (fields) => {
  if (!("s_pop" in fields) && !("prop" in fields)) return undefined;
  const reading = commonLayout(fields);
  if (reading === undefined || Array.isArray(reading) || "reason" in reading) return reading;
  const popularity = Number(textOf(fields, "s_pop") ?? Number.NaN);
  const property = textOf(fields, "prop");
  const groups = {
    ...(property === undefined ? {} : { property }),
    ...(Number.isNaN(popularity) ? {} : { popularity: popularity < rareBelow ? "long-tail" : "common" }),
  };
  return { ...reading, groups };
};

/** PopQA (Mallen et al. 2023): facts about entities, rare ones among them. Test: 14,267. */
export const popqa = defineBenchmark({
  id: "popqa",
  name: "PopQA",
  column: "PQA",
  reference: "contains",
  sources: ["popqa_longtail_w_gs"],
  layouts: [popqaLayout, commonLayout],
  subset: {
    count: 1399,
    rule: "subjects with fewer than 100 monthly page views (the long tail of Asai et al. 2024, Self-RAG); a file without page views is taken to be that subset already",
    keeps: ({ groups }) => groups?.popularity !== "common",
  },
});
