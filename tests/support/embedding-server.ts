import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { seededRandom, wordsOf } from "@rag-instruct/core";

const dimensions = 32;

/** A server on loopback that speaks OpenAI's embeddings: the sum of a random vector a word, so that texts with the same words are near. */
export async function embeddingServer({
  intercept,
}: {
  /** Told of every request when it has come, before it counts. */
  intercept?: () => Promise<void>;
} = {}): Promise<
  { url: string; dimensions: number; requests(): number; texts(): readonly string[] } & AsyncDisposable
> {
  let requests = 0;
  const texts: string[] = [];
  const server = createServer(async (request, response) => {
    await intercept?.();
    // A client that is killed while it sends has asked nothing.
    const body = await Array.fromAsync(request as AsyncIterable<Buffer>).catch(() => undefined);
    if (!body) return;
    requests++;
    const { input, model } = JSON.parse(Buffer.concat(body).toString("utf8")) as { input: string[]; model: string };
    texts.push(...input);
    const data = input.map((text, index) => ({ object: "embedding", index, embedding: embed(text) }));
    response.writeHead(200, { "content-type": "application/json" });
    response.end(
      JSON.stringify({
        object: "list",
        model,
        data,
        usage: { prompt_tokens: input.length, total_tokens: input.length },
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    dimensions,
    requests: () => requests,
    texts: () => texts,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function embed(text: string): number[] {
  const sum = new Array<number>(dimensions).fill(0);
  for (const word of wordsOf(text)) {
    const random = seededRandom("word", word);
    for (let i = 0; i < dimensions; i++) sum[i]! += random.next() - 0.5;
  }
  const length = Math.hypot(...sum) || 1;
  return sum.map((value) => value / length);
}
