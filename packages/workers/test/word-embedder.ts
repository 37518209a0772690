import { type Embedder, hashText } from "@rag-instruct/core";

/** An embedder for tests of what is around one: every text has its own vector of four numbers, and "die" ends the process. */
export function wordEmbedder(id: string): Embedder {
  return {
    id,
    dimensions: 4,
    async embed(texts) {
      if (texts.includes("die")) process.kill(process.pid, "SIGKILL");
      const data = Float32Array.from(texts.flatMap((text) => numbersOf(text)));
      const cut = texts.filter((text) => text.length % 2 === 0).length;
      return { data, count: texts.length, dimensions: 4, cut };
    },
  };
}

function numbersOf(text: string): number[] {
  const hash = hashText(text);
  return [0, 1, 2, 3].map((n) => Number.parseInt(hash.slice(n * 4, n * 4 + 4), 16) / 65_536);
}
