/**
 * How often choices are read as they were marked, on some 12,000 chains of thought that InstructGPT wrote for USMLE, MedMCQA and PubMedQA
 * (Liévin et al. 2022, "Can large language models reason about medical questions?"; Apache-2.0, github.com/vlievin/medical-reasoning,
 * docs/samples), each marked right or wrong by its authors' own reading of the answer:
 *   pnpm exec node --conditions=@rag-instruct/source bench/eval/choices.ts folder-with-samples [--wrong N]
 * The authors read the first letter of "A and B"; ours names no choice there.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { scoreItem } from "@rag-instruct/eval";
import { parseHTML } from "linkedom";

const { positionals, values } = parseArgs({ allowPositionals: true, options: { wrong: { type: "string" } } });
const [folder = "bench/data/medical-reasoning"] = positionals;

interface Item {
  golds: string[];
  options: string[];
}

for (const file of ["usmle-valid.html", "medmcqa-wo-context.html", "pubmedqa.html"]) {
  let [replies, agreed] = [0, 0];
  const wrong: string[] = [];
  for (const { item, isRight, reply } of readReplies(readFileSync(join(folder, file), "utf8"))) {
    const { correct, choice, abstained } = scoreItem("medqa", item, reply);
    replies++;
    if (correct === isRight) agreed++;
    else
      wrong.push(`${isRight ? "missed" : "granted"} ${item.golds}, read ${choice ?? abstained}: …${reply.slice(-200)}`);
  }
  console.log(`${file}: ${replies} replies, ${((100 * agreed) / replies).toFixed(2)}% read as marked`);
  for (const line of wrong.slice(0, Number(values.wrong ?? 0))) console.log(`  ${line.replaceAll("\n", " ")}`);
}

/** A row spans the table for each question, with its options, the right one bold; replies stand in cells, each behind its mark. */
function* readReplies(html: string): Generator<{ item: Item; isRight: boolean; reply: string }> {
  let item: Item = { golds: [], options: [] };
  for (const row of parseHTML(html).document.querySelectorAll("tr[data-qid]")) {
    const [first, ...rest] = row.querySelectorAll("td");
    if (first?.hasAttribute("colspan")) {
      const options = [...first.textContent.matchAll(/^[A-E]\) (.*)$/gm)].map(([, text]) => text!);
      const bold = first.querySelectorAll("strong")[1]?.textContent ?? "";
      item = { golds: bold === "" ? [] : [bold[0]!], options };
      continue;
    }
    for (const cell of first ? [first, ...rest] : []) {
      const [, mark, reply = ""] = /^([✅❌])\s*(.*)$/su.exec(cell.textContent.trim()) ?? [];
      if (mark && item.golds.length > 0) yield { item, isRight: mark === "✅", reply };
    }
  }
}
