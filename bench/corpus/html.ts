import { execFileSync } from "node:child_process";
import { globSync, lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Readability } from "@mozilla/readability";
import { seededRandom } from "@rag-instruct/core";
import { readDocuments } from "@rag-instruct/corpus";
import { Defuddle } from "defuddle/node";
import { parseHTML } from "linkedom";

/**
 * How many of the words that a page shows, but for its menus, extractors of main content keep: html.ts <folder of pages> [menus]
 * `menus` is a CSS selector of what is left out of the words shown. Beside trafilatura, where RAG_INSTRUCT_BENCH_PYTHON has it.
 */
const [folder = "", menus = "nav, header, footer, .navheader, .navfooter, .menu, .submenu, .nosearch"] =
  process.argv.slice(2);
const count = 500;
const files = globSync(join(folder, "**/*.html"))
  .filter((file) => !lstatSync(file).isSymbolicLink())
  .sort();
const random = seededRandom(1);
const sample = random.shuffle(files).slice(0, count);

type Extract = (file: string) => string | Promise<string>;

const extractors: Record<string, Extract> = {
  ours: async (file) => (await Array.fromAsync(readDocuments(file, { format: "html" })))[0]?.text ?? "",
  Readability: (file) => new Readability(domOf(file) as never).parse()?.textContent ?? "",
  defuddle: async (file) => {
    const { content } = await Defuddle(domOf(file), "https://example.com/", {});
    return parseHTML(`<html><body>${content}</body></html>`).document.body.textContent;
  },
};
const python = process.env.RAG_INSTRUCT_BENCH_PYTHON;
if (python) {
  for (const name of ["trafilatura", "trafilatura, favouring recall"]) {
    const input = JSON.stringify({ files: sample, recall: name.includes("recall") });
    const script = join(import.meta.dirname, "html_peer.py");
    const texts = JSON.parse(
      execFileSync(python, [script], { input, encoding: "utf8", maxBuffer: 1 << 29 }),
    ) as string[];
    const byFile = new Map(sample.map((file, index) => [file, texts[index]!]));
    extractors[name] = (file) => byFile.get(file)!;
  }
}

console.log(`${sample.length} pages of ${folder}, words shown outside of ${menus}`);
console.log(`${"extractor".padEnd(32)} under 0.8  under 0.5  mean kept  ms a page`);
for (const [name, extract] of Object.entries(extractors)) {
  const kept: number[] = [];
  let seconds = 0;
  for (const file of sample) {
    const begun = performance.now();
    const text = await extract(file);
    seconds += performance.now() - begun;
    kept.push(shareKept(shownWords(file), wordsOf(text)));
  }
  const under = (share: number) => String(kept.filter((value) => value < share).length);
  const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length;
  const cells = [under(0.8), under(0.5), mean.toFixed(3), (seconds / kept.length).toFixed(1)];
  console.log(name.padEnd(32), cells.map((cell, at) => cell.padStart([10, 10, 10, 10][at]!)).join(" "));
}

function domOf(file: string) {
  return parseHTML(readFileSync(file, "utf8")).document;
}

function shownWords(file: string): string[] {
  const document = domOf(file);
  for (const element of document.querySelectorAll(`script, style, noscript, template, head, ${menus}`))
    element.remove();
  return wordsOf(
    document
      .toString()
      .replace(/<!--[\s\S]*?-->/g, " ")
      .replace(/<[^>]*>/g, " "),
  );
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function shareKept(shown: readonly string[], kept: readonly string[]): number {
  const left = new Map<string, number>();
  for (const word of kept) left.set(word, (left.get(word) ?? 0) + 1);
  let found = 0;
  for (const word of shown) {
    const times = left.get(word) ?? 0;
    if (times === 0) continue;
    found += 1;
    left.set(word, times - 1);
  }
  return shown.length === 0 ? 1 : found / shown.length;
}
