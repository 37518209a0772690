// A million tasks planned, with the memory that it takes: `pnpm exec node --conditions=@rag-instruct/source bench/plan/plan.ts [tasks]`.
import type { Exemplar, Passage, Retriever } from "@rag-instruct/core";
import { planTasks } from "@rag-instruct/simulate";

const tasks = Number(process.argv[2] ?? 1_000_000);
const corpus = 200_000;
const passageAt = (i: number): Passage => ({
  id: `p${i % corpus}`,
  title: `T${(i % corpus) >> 3}`,
  text: `passage ${i % corpus}`,
});
const hash = (text: string) => [...text].reduce((sum, char) => (Math.imul(sum, 31) + char.charCodeAt(0)) >>> 0, 7);

const retriever: Retriever = {
  id: "spread",
  retrieve: async (queries, { limit }) =>
    queries.map((query) =>
      Array.from({ length: limit }, (_, i) => ({ passage: passageAt(hash(query) + i), score: -i, rank: i + 1 })),
    ),
};
const exemplars = Array.from(
  { length: 40_000 },
  (_, i): Exemplar => ({
    id: `e${i}`,
    question: `What is thing ${i} of ${i * 7919}?`,
    source: `set ${i % 6}`,
    task: "open",
  }),
);
function* passages() {
  for (let i = 0; i < corpus; i++) yield passageAt(i);
}

const each = Math.floor(tasks / 5);
const ids = ["useless-doc", "single-doc-support", "multi-doc-support", "single-doc-answer", "multi-doc-answer"];
const counts = Object.fromEntries(ids.map((id) => [id, each]));
const start = performance.now();
const reached = new Uint8Array(corpus);
let planned = 0;
let halfway = 0;
for await (const { documents } of planTasks({ exemplars, retriever, counts, passages, reserve: 0, maxUses: 20 })) {
  for (const { id } of documents) reached[Number(id.slice(1))] = 1;
  if (++planned === Math.floor(tasks / 2)) halfway = process.memoryUsage().rss;
}
const megabytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MB`;
const seconds = (performance.now() - start) / 1000;
console.log(`${planned} tasks in ${seconds.toFixed(1)} s, ${Math.round(planned / seconds)} a second`);
console.log(`passages reached: ${reached.reduce((sum, bit) => sum + bit, 0)} of ${corpus}`);
console.log(
  `resident: ${megabytes(halfway)} halfway, ${megabytes(process.memoryUsage().rss)} at the end, peak ${megabytes(process.resourceUsage().maxRSS * 1024)}`,
);
