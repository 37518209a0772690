import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Closable, type OnProgress, RagInstructError, type Source, type Vectors } from "@rag-instruct/core";
import { lockFolder } from "@rag-instruct/core/node";
import {
  readVectorManifest,
  type VectorDtype,
  type VectorShard,
  writeVectorManifest,
  writeVectorShard,
} from "@rag-instruct/core/vectors";

/** Where an import writes to. */
export interface VectorTargetOptions {
  /** The vector folder, made when it is not there. */
  to: string;
  /** Id of the embedder whose queries will search these vectors. */
  embedderId: string;
  /** @default that of the vectors, where they say; else "float16" */
  dtype?: VectorDtype;
  signal?: AbortSignal;
  /** Stage `import`; counts rows, and notes the shard. */
  onProgress?: OnProgress;
}

/** What an import wrote. */
export interface ImportReport {
  count: number;
  dimensions: number;
  shards: number;
}

/** A vector folder while an import writes it, locked until `close()`. */
export class VectorTarget implements Closable {
  readonly #options: VectorTargetOptions;
  readonly #lock: Closable;
  readonly #shards: VectorShard[] = [];
  #dimensions = 0;
  #count = 0;
  #dtype: VectorDtype | undefined;

  private constructor(options: VectorTargetOptions, lock: Closable) {
    this.#options = options;
    this.#lock = lock;
    this.#dtype = options.dtype;
  }

  /**
   * Makes and locks the folder. What it held of the same embedder no longer counts: an import that fails must not leave a
   * manifest beside shards that are not those it names. Throws `folder-locked`, and `model-mismatch` for vectors of another embedder.
   */
  static async open(options: VectorTargetOptions): Promise<VectorTarget> {
    const { to, embedderId } = options;
    await mkdir(to, { recursive: true });
    const lock = await lockFolder(to);
    try {
      await refuseOtherVectors(to, embedderId);
      await rm(join(to, "manifest.json"), { force: true });
      return new VectorTarget(options, lock);
    } catch (error) {
      await lock.close();
      throw error;
    }
  }

  /** Nothing was written yet. */
  get isEmpty(): boolean {
    return this.#shards.length === 0;
  }

  /** Dimensions of the first shard, which all must have; 0 before there is one. */
  get dimensions(): number {
    return this.#dimensions;
  }

  /** Writes the next shard; the first one may say in which numbers all are kept. Throws what `writeVectorShard` does. */
  async write(
    shard: { count: number; dimensions: number; dtype?: VectorDtype; ids: Source<string>; vectors: Source<Vectors> },
    note?: string,
  ): Promise<void> {
    const { to, signal, onProgress } = this.#options;
    this.#dimensions ||= shard.dimensions;
    this.#dtype ??= shard.dtype ?? "float16";
    const [dimensions, dtype] = [this.#dimensions, this.#dtype];
    this.#shards.push(await writeVectorShard({ ...shard, to, index: this.#shards.length, dimensions, dtype, signal }));
    this.#count += shard.count;
    onProgress?.({ stage: "import", done: this.#count, note });
  }

  /** Takes over what another folder on the same disk holds, in its place. */
  async adopt(other: VectorTarget): Promise<void> {
    for (const { file, ids } of other.#shards)
      for (const name of [file, ids]) await rename(join(other.#options.to, name), join(this.#options.to, name));
    this.#shards.splice(0, this.#shards.length, ...other.#shards);
    this.#dimensions = other.#dimensions;
    this.#count = other.#count;
    this.#dtype = other.#dtype;
  }

  /** Writes the manifest, by which the shards count. */
  async finish(): Promise<ImportReport> {
    const { to, embedderId } = this.#options;
    const dtype = this.#dtype ?? "float16";
    await writeVectorManifest(to, { embedderId, dimensions: this.#dimensions, dtype, shards: this.#shards });
    return { count: this.#count, dimensions: this.#dimensions, shards: this.#shards.length };
  }

  close(): Promise<void> {
    return this.#lock.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Throws `model-mismatch` where a folder holds vectors of another embedder. */
export async function refuseOtherVectors(to: string, embedderId: string): Promise<void> {
  const manifest = await readVectorManifest(to).catch((error) => {
    if (RagInstructError.is(error, "file-missing")) return undefined;
    throw error;
  });
  if (manifest === undefined || manifest.embedderId === embedderId) return;
  const message = `${to} holds vectors of "${manifest.embedderId}", not of "${embedderId}"; choose another folder`;
  throw new RagInstructError("model-mismatch", message);
}
