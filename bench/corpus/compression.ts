import { join } from "node:path";
import { deflateRawSync, inflateRawSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { readDocuments } from "@rag-instruct/corpus";

/** Whether packing each passage's text would pay: bytes saved against the time of packing and of unpacking one passage. */
const shared = process.env.RAG_INSTRUCT_SHARED_DATA ?? join(import.meta.dirname, "../../../shared/data");
const texts: Buffer[] = [];
for await (const { text } of readDocuments(join(shared, "corpora/hipporag.2wikimultihopqa_corpus.json")))
  texts.push(Buffer.from(text));
const dictionary = Buffer.concat(texts.filter((_, index) => index % 100 === 0)).subarray(0, 32_768);
const sample = texts.filter((_, index) => index % 100 !== 0);
const plainBytes = sample.reduce((sum, text) => sum + text.length, 0);

const codecs: Record<string, { pack(text: Buffer): Buffer; unpack(packed: Buffer): Buffer }> = {
  none: { pack: (text) => text, unpack: (packed) => packed },
  deflate: { pack: (text) => deflateRawSync(text), unpack: (packed) => inflateRawSync(packed) },
  "deflate, dictionary": {
    pack: (text) => deflateRawSync(text, { dictionary }),
    unpack: (packed) => inflateRawSync(packed, { dictionary }),
  },
  zstd: { pack: (text) => zstdCompressSync(text), unpack: (packed) => zstdDecompressSync(packed) },
};

console.log(`${sample.length} passages of ${(plainBytes / sample.length).toFixed(0)} bytes`);
console.log("codec                 size   pack us  unpack us");
for (const [name, { pack, unpack }] of Object.entries(codecs)) {
  const packing = process.cpuUsage();
  const packed = sample.map(pack);
  const packTime = process.cpuUsage(packing);
  const unpacking = process.cpuUsage();
  for (const bytes of packed) unpack(bytes);
  const unpackTime = process.cpuUsage(unpacking);
  const size = packed.reduce((sum, bytes) => sum + bytes.length, 0) / plainBytes;
  const each = ({ user, system }: NodeJS.CpuUsage) => ((user + system) / sample.length).toFixed(1);
  console.log(name.padEnd(20), size.toFixed(2).padStart(5), each(packTime).padStart(9), each(unpackTime).padStart(10));
}
