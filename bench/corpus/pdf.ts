import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { seededRandom } from "@rag-instruct/core";
import { readDocuments } from "@rag-instruct/corpus";
import { chromium } from "playwright-core";

/**
 * Pages of PDF read in a second of processor time, and how many of their words are read whole, beside pypdf, pdfminer.six and PyMuPDF, each in a process of its own:
 * pdf.ts [folder of PDFs, each beside a .txt of its words]. Without one, articles of two columns are printed by Chromium from text that the tests have.
 * RAG_INSTRUCT_BENCH_PYTHON has the peers.
 */
const here = import.meta.dirname;
const made = join(here, "../data/corpus/pdf");
const [task = made, list = ""] = process.argv.slice(2);
const articles = 40;
const wordsInArticle = 4000;

interface Measured {
  pages: number;
  seconds: number;
  /** Processor time of all threads. */
  cpuSeconds: number;
  peakMb: number;
  texts: string[];
}

if (task === "read") console.log(JSON.stringify(await readAll(JSON.parse(list) as string[])));
else await compare(task);

async function compare(folder: string): Promise<void> {
  if (folder === made && !existsSync(made)) await printArticles();
  const files = globSync(join(folder, "**/*.pdf")).sort();
  const python = process.env.RAG_INSTRUCT_BENCH_PYTHON ?? "python3";
  const readers: Record<string, () => Measured> = {
    ours: () => measure(process.execPath, ["--conditions=@rag-instruct/source", join(here, "pdf.ts"), "read"], files),
    pypdf: () => measure(python, [join(here, "pdf_peer.py"), "pypdf"], files),
    "pdfminer.six": () => measure(python, [join(here, "pdf_peer.py"), "pdfminer"], files),
    PyMuPDF: () => measure(python, [join(here, "pdf_peer.py"), "pymupdf"], files),
  };
  console.log(`${files.length} files of ${folder}`);
  console.log("reader        pages  pages/s  pages/CPU s  ours/its  peak MB  words read");
  let ours = 0;
  for (const [name, read] of Object.entries(readers)) {
    const { pages, seconds, cpuSeconds, peakMb, texts } = read();
    // Processor time does not depend on what else the machine does.
    const rate = pages / cpuSeconds;
    if (name === "ours") ours = rate;
    const cells = [
      pages.toFixed(0),
      (pages / seconds).toFixed(1),
      rate.toFixed(1),
      (ours / rate).toFixed(2),
      peakMb.toFixed(0),
    ];
    const kept = shareRead(files, texts).toFixed(4);
    console.log(
      name.padEnd(12),
      [...cells, kept].map((cell, at) => cell.padStart([6, 8, 12, 9, 8, 11][at]!)).join(" "),
    );
  }
}

function measure(command: string, args: readonly string[], files: readonly string[]): Measured {
  const output = execFileSync(command, [...args, JSON.stringify(files)], { encoding: "utf8", maxBuffer: 1 << 29 });
  return JSON.parse(output) as Measured;
}

async function readAll(files: readonly string[]): Promise<Measured> {
  const [begun, begunCpu] = [performance.now(), process.cpuUsage()];
  const texts: string[] = [];
  let pages = 0;
  for await (const { text, metadata } of readDocuments(files)) {
    texts.push(text);
    pages += metadata?.pages as number;
  }
  const { user, system } = process.cpuUsage(begunCpu);
  const seconds = (performance.now() - begun) / 1000;
  return { pages, seconds, cpuSeconds: (user + system) / 1e6, peakMb: process.resourceUsage().maxRSS / 1024, texts };
}

/** Of the words that stand in the texts beside the files, those that were read, as often as they stand there. */
function shareRead(files: readonly string[], texts: readonly string[]): number {
  let [all, read] = [0, 0];
  for (const [at, file] of files.entries()) {
    const counts = new Map<string, number>();
    for (const word of wordsOf(texts[at]!)) counts.set(word, (counts.get(word) ?? 0) + 1);
    for (const word of wordsOf(readFileSync(file.replace(/pdf$/, "txt"), "utf8"))) {
      const left = counts.get(word) ?? 0;
      counts.set(word, left - 1);
      all += 1;
      if (left > 0) read += 1;
    }
  }
  return read / all;
}

function wordsOf(text: string): string[] {
  return (
    text
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

async function printArticles(): Promise<void> {
  await mkdir(made, { recursive: true });
  const shared = process.env.RAG_INSTRUCT_SHARED_DATA ?? join(here, "../../../shared/data");
  const words: string[] = [];
  for await (const { text } of readDocuments(join(shared, "corpora/hipporag.2wikimultihopqa_corpus.json")))
    words.push(...text.split(/\s+/));
  const random = seededRandom(3);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  try {
    const page = await browser.newPage();
    for (let article = 0; article < articles; article++) {
      const start = random.integer(words.length - wordsInArticle);
      const text = words.slice(start, start + wordsInArticle).join(" ");
      const paragraphs = text.match(/.{1,900}(?:\s|$)/gs) ?? [];
      const escaped = paragraphs.map(
        (paragraph) => `<p>${paragraph.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</p>`,
      );
      const style = "body { font: 10pt serif } main { columns: 2; text-align: justify; hyphens: auto }";
      await page.setContent(`<html lang="en"><style>${style}</style><main>${escaped.join("")}</main></html>`);
      const path = join(made, `article-${String(article).padStart(2, "0")}.pdf`);
      const footer = '<span style="font-size: 8pt" class="pageNumber"></span>';
      const printed = {
        format: "A4",
        displayHeaderFooter: true,
        footerTemplate: footer,
        headerTemplate: "<i></i>",
      } as const;
      await page.pdf({ path, ...printed, margin: { top: "2cm", bottom: "2cm", left: "2cm", right: "2cm" } });
      await writeFile(join(made, basename(path).replace(/pdf$/, "txt")), text);
    }
  } finally {
    await browser.close();
  }
}
