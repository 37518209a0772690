import { createWriteStream, existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { seededRandom } from "@rag-instruct/core";
import { readDocuments } from "@rag-instruct/corpus";

const wordsInPassage = 100;
const passagesInArticle = 7;

/**
 * Makes a file like psgs_w100.tsv.gz: header, ids from 1, 100 words of real text, quoted where there are quotes, and titles that
 * some neighbours share. No two passages are equal: each begins at its own place in the source text.
 */
export async function makePsgsFile(
  path: string,
  { rows, from }: { rows: number; from: readonly string[] },
): Promise<void> {
  if (existsSync(path)) return;
  const source = await readSource(from);
  await mkdir(dirname(path), { recursive: true });
  const lines = Readable.from(blocksOfLines(rows, source), { objectMode: true, highWaterMark: 4 });
  await pipeline(lines, createGzip({ level: 6, chunkSize: 1 << 18 }), createWriteStream(`${path}.part`));
  await rename(`${path}.part`, path);
}

interface SourceText {
  words: string[];
  titles: string[];
}

async function readSource(from: readonly string[]): Promise<SourceText> {
  const source: SourceText = { words: [], titles: [] };
  for await (const { title, text } of readDocuments(from)) {
    if (title !== "") source.titles.push(title);
    for (const word of text.split(/\s+/)) if (word !== "") source.words.push(word);
  }
  return source;
}

function* blocksOfLines(rows: number, { words, titles }: SourceText): Generator<Buffer> {
  const random = seededRandom(7);
  let lines = ["id\ttext\ttitle\n"];
  let title = "";
  for (let id = 1; id <= rows; id++) {
    if (id % passagesInArticle === 1) title = random.pick(titles);
    const start = random.integer(words.length - 2 * wordsInPassage);
    const middle = random.integer(words.length - wordsInPassage);
    const half = wordsInPassage / 2;
    const text = [...words.slice(start, start + half), ...words.slice(middle, middle + half)].join(" ");
    lines.push(`${id}\t${quoted(text)}\t${quoted(title)}\n`);
    if (lines.length >= 1000) {
      yield Buffer.from(lines.join(""));
      lines = [];
    }
  }
  yield Buffer.from(lines.join(""));
}

function quoted(field: string): string {
  return field.includes('"') ? `"${field.replaceAll('"', '""')}"` : field;
}
