import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { hashText, RagInstructError } from "@rag-instruct/core";
import type { Analyzer } from "./analyzers.ts";

/**
 * The tokens of a model's tokenizer as terms, without special tokens and without a limit of length: as Anserini indexes
 * with `-pretokenized`. Its id changes with the tokenizer. Throws `file-missing` and `file-corrupt`.
 * @param options.folder holds `tokenizer.json` and, where the model has one, `tokenizer_config.json`
 */
export async function wordPieceAnalyzer({ folder }: { folder: string }): Promise<Analyzer> {
  const path = join(folder, "tokenizer.json");
  const text = await readFile(path, "utf8").catch((cause) => {
    throw new RagInstructError("file-missing", `${path} cannot be read; name a folder that holds a tokenizer`, {
      cause,
    });
  });
  const config = await readFile(join(folder, "tokenizer_config.json"), "utf8").catch(() => "{}");
  const tokenizer = await makeTokenizer(path, text, config);
  return {
    id: `tokenizer-${hashText(`${text}\n${config}`).slice(0, 16)}`,
    terms: (passage) => tokenizer.encode(passage, { add_special_tokens: false }).tokens,
  };
}

async function makeTokenizer(path: string, text: string, config: string) {
  // Loaded where one is made: whoever has words for terms needs none.
  const { Tokenizer } = await import("@huggingface/tokenizers");
  try {
    // Truncation and padding are the embedding model's concern: terms are all the tokens there are.
    return new Tokenizer({ ...JSON.parse(text), truncation: null, padding: null }, JSON.parse(config));
  } catch (cause) {
    throw new RagInstructError("file-corrupt", `${path} is no tokenizer: ${(cause as Error).message}`, { cause });
  }
}
