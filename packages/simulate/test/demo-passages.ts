import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Passage } from "@rag-instruct/core";

/** The pages that `npm start` works on: the documentation in the AI SDK's package. */
const folder = join(import.meta.dirname, "../node_modules/ai/docs");
const wanted = 100;

/** Passages of about 100 words of the demo corpus' prose, without its code, in a fixed order. */
export function demoPassages(): Passage[] {
  const files = globSync("**/*.{md,mdx}", { cwd: folder }).sort();
  return files.flatMap((file) => passagesOf(file, readFileSync(join(folder, file), "utf8")));
}

function passagesOf(file: string, page: string): Passage[] {
  const title = page.match(/^title:\s*(.+)$/m)?.[1]?.trim() ?? file;
  const prose = page
    .replace(/^---[\s\S]*?\n---/, "")
    .replace(/```[\s\S]*?```/g, "")
    .replace(/\[([^\]]+)\]\([^)]*\)/g, "$1")
    .split("\n")
    .filter((line) => /^[A-Z`][^<>{}|]{40,}[.:]$/.test(line.trim()))
    .map((line) => line.trim());
  const passages: Passage[] = [];
  let words: string[] = [];
  for (const line of prose) {
    words.push(...line.split(/\s+/));
    if (words.length < wanted) continue;
    passages.push({ id: `${file}#${passages.length}`, title, text: words.join(" ") });
    words = [];
  }
  return passages;
}
