import { isMarkedAsUntransferable } from "node:worker_threads";

/**
 * The same chunks, each valid until the next is asked for. The memory of a buffer is given back once chunks come from
 * another: left to the collector, the buffers of an unpacked stream of gigabytes pile up by tens of megabytes. For streams
 * alone that nobody else reads from.
 */
export async function* freedChunks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let last: ArrayBufferLike | undefined;
  for await (const chunk of chunks) {
    if (last !== chunk.buffer) free(last);
    last = chunk.buffer;
    yield chunk;
  }
}

function free(buffer: ArrayBufferLike | undefined): void {
  // Small buffers of Node lie together in one, which it marks.
  if (buffer instanceof ArrayBuffer && !isMarkedAsUntransferable(buffer)) buffer.transfer(0);
}
