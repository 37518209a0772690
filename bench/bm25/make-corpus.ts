// 200,000 passages of 100 words drawn by Zipf's law from 100,000 words, and 2,000 queries of 8 to 12 words drawn alike.
import { once } from "node:events";
import { createWriteStream, existsSync, mkdirSync } from "node:fs";
import { finished } from "node:stream/promises";
import { seededRandom } from "@rag-instruct/core";

const words = 100_000;
const random = seededRandom(17);
const cumulative = new Float64Array(words);
for (let i = 0, sum = 0; i < words; i++) cumulative[i] = sum += 1 / (i + 1);
const vocabulary = Array.from({ length: words }, (_, i) => wordOf(i));

/** Letters alone, short where the word is frequent. */
function wordOf(number: number): string {
  let word = "";
  for (let rest = number + 26; rest > 0; rest = Math.floor(rest / 26)) word += String.fromCharCode(97 + (rest % 26));
  return `${word}q`;
}

function draw(): string {
  const at = random.next() * cumulative[words - 1]!;
  let [low, high] = [0, words - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return vocabulary[low]!;
}

const text = (length: number) => Array.from({ length }, draw).join(" ");

/** Writes `passages.txt` and `queries.txt`, a text a line, into the folder where they are not there yet. */
export async function makeCorpus(folder: string, { passages = 200_000, queries = 2000 } = {}): Promise<void> {
  mkdirSync(folder, { recursive: true });
  if (existsSync(`${folder}/queries.txt`)) return;
  for (const [name, count, length] of [
    ["passages", passages, () => 100],
    ["queries", queries, () => 8 + random.integer(5)],
  ] as const) {
    const file = createWriteStream(`${folder}/${name}.txt`);
    for (let i = 0; i < count; i++) {
      if (!file.write(`${text(length())}\n`)) await once(file, "drain");
    }
    file.end();
    await finished(file);
  }
}
