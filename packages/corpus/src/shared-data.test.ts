import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ingest } from "./ingest.ts";
import { type ReadDocumentsOptions, readDocuments } from "./read-documents.ts";

const data = process.env.RAG_INSTRUCT_SHARED_DATA ?? join(import.meta.dirname, "../../../../shared/data");
const has = (name: string) => existsSync(join(data, name));

/** Path, number of documents, number of records that give none, and options where the fields need naming. */
const cases: [path: string, documents: number, unread: number, options?: ReadDocumentsOptions][] = [
  ["corpora/18f-handbook", 248, 0],
  ["corpora/html", 2, 0],
  ["corpora/densephrases.articles.json", 112, 0],
  ["corpora/densephrases.questions.json", 3, 0, { fields: { text: "question" } }],
  ["corpora/hipporag.2wikimultihopqa_corpus.json", 6119, 0],
  ["corpora/r1searcher.filtered_kilt_sample_100.jsonl", 99, 0],
  ["corpora/r1searcher.train_kilt_full_page_sample_100.tsv", 93, 0],
  ["corpora/r1searcher.train_np_title_abs_sample_100.tsv", 100, 0],
  ["corpora/search-r1.corpus.jsonl", 10, 0],
  ["corpora/vespa.msmarco-1000.jsonl", 1000, 0],
  ["corpora/vespa.rag-blueprint.docs.jsonl", 100, 0],
  ["corpora/vespa.rag-blueprint.relevance.md", 1, 0],
  ["benchmarks/hf-dummy/wiki_dpr-exact/psgs_w100.tsv.gz", 1, 0],
  ["benchmarks/hf-dummy/wiki_dpr-compressed/psgs_w100.tsv.gz", 1, 0],
  ["retrieval/scifact-beir/corpus.jsonl.gz", 5183, 0],
  ["retrieval/scifact-beir/scifact.zip", 5183, 2011, { fields: { text: "abstract", id: "doc_id" } }],
  ["retrieval/scifact-beir/topics.beir-v1.0.0-scifact.test.tsv.gz", 300, 0],
  ["retrieval/scifact-beir/qrels-beir-test.tsv", 339, 0, { fields: { text: "corpus-id" } }],
  ["retrieval/scifact-beir/qrels.beir-v1.0.0-scifact.test.txt", 1, 0],
  ["retrieval/scifact-beir/anserini-expected.scifact.flat.yaml", 1, 0],
  ["retrieval/scifact-beir/anserini-expected.scifact.flat-wp.yaml", 1, 0],
  ["retrieval/cranfield/cran.all.1400.xml", 1400, 0],
  ["retrieval/cranfield/cran.qry.xml", 1, 0, { format: "text" }],
  ["retrieval/cranfield/cranqrel.trec.txt", 1, 0],
  ["retrieval/cranfield/orig/cran.qry", 1, 0, { format: "text" }],
  ["retrieval/cranfield/orig/cranqrel", 1, 0],
  ["retrieval/cranfield/orig/cranqrel.readme", 1, 0],
  ["benchmarks/hotpotqa/hotpot.dev200.json", 1992, 0],
  ["benchmarks/hotpotqa/hotpot.dev100.hf-columns.json", 992, 0],
  ["benchmarks/2wikimultihopqa/2wiki.dev200.json", 1640, 36],
];

describe("files as they are published (needs ../shared/data)", () => {
  for (const [path, documents, unread, options] of cases) {
    it.skipIf(!has(path))(`${path} is read to the last record`, async () => {
      const counts = { documents: 0, unread: 0 };
      const onUnread = () => {
        counts.unread += 1;
      };
      for await (const _ of readDocuments(join(data, path), { onUnread, ...options })) counts.documents += 1;
      expect(counts).toEqual({ documents, unread });
    });
  }

  const dummies = [
    "wiki_dpr-exact/wiki_passages_0",
    "wiki_dpr-compressed/psgs_w100.nq.IVF4096_HNSW128_PQ128-IP-train.faiss",
  ];
  for (const name of dummies) {
    const path = `benchmarks/hf-dummy/${name}`;
    it.skipIf(!has(path))(`${path} holds vectors and is refused`, async () => {
      const reading = Array.fromAsync(readDocuments(join(data, path)));
      await expect(reading).rejects.toMatchObject({ code: "unknown-format" });
    });
  }

  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "corpus-shared-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.skipIf(!has("corpora"))(
    "corpora whose ids clash are refused, others go into one store whose report adds up",
    async () => {
      const report = await ingest({ from: join(data, "corpora"), to: join(folder, "all.sqlite"), dedupe: "id" }).catch(
        (error) => error,
      );
      expect(report).toMatchObject({ code: "duplicate-id" });
      const from = ["18f-handbook", "html", "hipporag.2wikimultihopqa_corpus.json"].map((name) =>
        join(data, "corpora", name),
      );
      const { documents, read, written, skipped } = await ingest({ from, to: join(folder, "some.sqlite") });
      expect(documents).toBe(248 + 2 + 6119);
      expect(written + Object.values(skipped).reduce((sum, count) => sum + count)).toBe(read);
      expect(skipped).toEqual({ duplicate: 0, empty: 8, malformed: 0, "too-long": 0 });
    },
  );
});

describe("shared cases of documents (needs shared/cases)", () => {
  const folder = join(import.meta.dirname, "../../../../shared/cases/documents");

  it.skipIf(!existsSync(folder)).each<[path: string, title: string, text: string | RegExp]>([
    ["pdf/cjk_stsong.pdf", "cjk stsong", "中华人民共和国的首都是北京。北京位于华北平原。"],
    [
      "pdf/hyphen.pdf",
      "hyphen",
      /information about the international .* well-known state-of-the-art procedures for electrification/,
    ],
    ["pdf/form.pdf", "form", "Name of applicant: Erika Mustermann\nCity: Lyon"],
    ["pdf/headers.pdf", "headers", /^(Body sentence \d of page \d speaks about topic \d\d\.\n*){40}$/],
    ["pdf/twocol_rowwise.pdf", "twocol rowwise", /four thousand workers\.\nThe second column is about/],
    ["pdf/twocol_colwise.pdf", "twocol colwise", /four thousand workers\.\nThe second column is about/],
    ["pdf/fakebold.pdf", "fakebold", /^Important notice about bridges$/],
    ["pdf/rotated.pdf", "rotated", /harvest\.\nIt goes on with the vintage\./],
    ["pdf/arabic_visual.pdf", "arabic visual", "عاصمة النرويج هي أوسلو"],
    ["docx/title_style.docx", "Travel policy of the Oslo office", "Employees travel by train."],
    ["docx/misc.docx", "misc", /E=mc\^2 as Einstein found\.[\s\S]*after tab\nAfter page break/],
    ["docx/lists.docx", "Title style", "1. Open the valve\n2. Wait ten minutes\n3. Close the valve\n- Gloves"],
    [
      "docx/tracked_box.docx",
      "tracked box",
      /twelve euros[\s\S]*Text inside a text box\.\n\nModern box without fallback\./,
    ],
    ["office/prices.xlsx", "prices", "| Copper cable | 12.50 | metre |"],
    ["office/guide.adoc", "Guide", "Install the package first."],
    ["json/hf_docling.json", "x", "Docling text here."],
  ])("%s", async (path, title, text) => {
    const documents = await Array.fromAsync(readDocuments(join(folder, path)));
    expect(documents).toMatchObject([{ title }]);
    if (typeof text === "string") expect(documents[0]!.text).toContain(text);
    else expect(documents[0]!.text).toMatch(text);
  });
});
