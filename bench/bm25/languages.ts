/**
 * How often BM25 finds the paragraph that a question was asked about, language by language, beside bm25s with Snowball's stemmers:
 *   RAG_INSTRUCT_BENCH_PYTHON=venv/bin/python pnpm exec node --conditions=@rag-instruct/source bench/bm25/languages.ts folder
 * The folder holds files in SQuAD's layout, each called after its language: `de.json`. Those of the figures in the package's README are XQuAD
 * (github.com/google-deepmind/xquad), and for ja, ko, it JSQuAD's validation set (yahoojapan/JGLUE), KorQuAD 1.0's development set
 * (korquad/korquad.github.io) and SQuAD-it's test set (crux82/squad-it). The Python needs bm25s and PyStemmer.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { functionWords, guessedByWords, type Passage } from "@rag-instruct/core";
import { analyzerFor, buildBm25Index, openBm25Index } from "@rag-instruct/retrieve";

interface Collection {
  passages: Passage[];
  questions: { text: string; passage: string }[];
}

interface Paragraph {
  context: string;
  qas: { question: string }[];
}

const [folder = "bench/data/languages"] = process.argv.slice(2);
const python = process.env.RAG_INSTRUCT_BENCH_PYTHON;
const peer = fileURLToPath(new URL("languages_peer.py", import.meta.url));
const limit = 10;

console.log("| language | passages | questions | analyzer | recall@10 | simple | bm25s, Snowball | bm25s |");
console.log("|---|---|---|---|---|---|---|---|");
for (const file of readdirSync(folder).filter((name) => /^[a-z]{2}\.json$/.test(name))) {
  const language = file.slice(0, 2);
  const collection = read(join(folder, file));
  const analyzer = analyzerFor(language);
  const ours = await recallOf(collection, analyzer);
  const simple = analyzer === "simple" ? ours : await recallOf(collection, "simple");
  const others = python ? peers(collection, language, analyzer) : [];
  const { passages, questions } = collection;
  const figures = [ours, simple, ...others].map((share) => (share === null ? "–" : share.toFixed(4)));
  const name = new Intl.DisplayNames("en", { type: "language" }).of(language);
  console.log(`| ${name} | ${passages.length} | ${questions.length} | ${analyzer} | ${figures.join(" | ")} |`);
}

function read(path: string): Collection {
  const collection: Collection = { passages: [], questions: [] };
  const { data } = JSON.parse(readFileSync(path, "utf8")) as { data: { paragraphs: Paragraph[] }[] };
  for (const { context, qas } of data.flatMap(({ paragraphs }) => paragraphs)) {
    const id = String(collection.passages.length);
    collection.passages.push({ id, title: "", text: context });
    collection.questions.push(...qas.map(({ question }) => ({ text: question, passage: id })));
  }
  return collection;
}

async function recallOf(
  { passages, questions }: Collection,
  analyzer: ReturnType<typeof analyzerFor>,
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "languages-"));
  try {
    await buildBm25Index({ passages, to: join(folder, "index"), analyzer, threads: 1 });
    await using index = await openBm25Index(join(folder, "index"), { threads: 1 });
    const queries = questions.map(({ text }) => text);
    const { rows } = await index.search(queries, { limit });
    const found = questions.filter(({ passage }, q) =>
      rows.subarray(q * limit, q * limit + limit).some((row) => row >= 0 && index.idOf(row) === passage),
    );
    return found.length / questions.length;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** bm25s with the language's stemmer and the stop words that ours has, and as it comes. */
function peers(collection: Collection, language: string, analyzer: string): (number | null)[] {
  const stopWords = guessedByWords.includes(language) ? functionWords(language) : [];
  const stemmer = analyzer === "simple" ? null : analyzer;
  const input = JSON.stringify({ ...collection, stemmer, stopWords, limit });
  return JSON.parse(execFileSync(python!, [peer], { input, encoding: "utf8", stdio: ["pipe", "pipe", "ignore"] }));
}
