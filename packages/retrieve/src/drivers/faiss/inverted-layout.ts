import { RagInstructError } from "@rag-instruct/core";
import { type ByteReader, corruptFaiss } from "./byte-reader.ts";

/** Cells and probes, the quantizer that finds the cells, and the map from ids to places (write_ivf_header). */
export async function walkInvertedFile(reader: ByteReader, walkQuantizer: (r: ByteReader) => Promise<unknown>) {
  reader.skip(8 * 2);
  await walkQuantizer(reader);
  const kind = (await reader.read(1))[0]!;
  if (kind > 2) throw corruptFaiss(reader.path, `has a map of kind ${kind}, at ${reader.at() - 1}`);
  await reader.skipVector(8);
  // A hash table follows the empty array.
  if (kind === 2) await reader.skipVector(16);
}

/** The lists of codes and ids (write_InvertedLists). */
export async function walkInvertedLists(reader: ByteReader): Promise<void> {
  const kind = (await reader.read(4)).toString("latin1");
  if (kind === "il00") return;
  if (kind === "ilod") {
    throw new RagInstructError(
      "unknown-format",
      `${reader.path} keeps its lists in another file; merge them into one index with FAISS and write it again`,
    );
  }
  if (kind === "ilbl") return walkBlocks(reader);
  if (kind !== "ilar") throw corruptFaiss(reader.path, `holds no inverted lists at ${reader.at() - 4}`);
  const [lists, bytesPerCode] = numbersOf(await reader.read(16));
  for (const size of await listSizes(reader, lists!)) reader.skip(size * (bytesPerCode! + 8));
}

/** The lists of the fast form, whose codes stand in blocks. */
async function walkBlocks(reader: ByteReader): Promise<void> {
  const [lists] = numbersOf(await reader.read(8 * 4));
  for (let list = 0; list < lists!; list++) {
    await reader.skipVector(8);
    await reader.skipVector(1);
  }
}

async function listSizes(reader: ByteReader, lists: number): Promise<number[]> {
  const form = (await reader.read(4)).toString("latin1");
  const [length] = numbersOf(await reader.read(8));
  if ((form !== "full" && form !== "sprs") || length! > (form === "full" ? lists : lists * 2)) {
    throw corruptFaiss(reader.path, `does not say the sizes of its ${lists} lists, at ${reader.at() - 12}`);
  }
  const numbers = numbersOf(await reader.read(length! * 8));
  // The sparse form lists pairs of a cell and its size.
  return form === "full" ? numbers : numbers.filter((_, i) => i % 2 === 1);
}

function numbersOf(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / 8 }, (_, i) => Number(bytes.readBigUInt64LE(i * 8)));
}
