import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { RagInstructError } from "@rag-instruct/core";

/** A model's tokenizer, for counting and for labels. */
export interface TextTokenizer {
  /** The folder it comes from. */
  id: string;
  /** Token ids of a text, without the marks a model adds around it. */
  encode(text: string): number[];
}

/** Opens the tokenizer of a model folder: `tokenizer.json` and `tokenizer_config.json`. Throws `file-missing` and `file-corrupt`. */
export async function openTokenizer(folder: string): Promise<TextTokenizer> {
  const [model, config] = await Promise.all(
    ["tokenizer.json", "tokenizer_config.json"].map((file) => readObject(folder, file)),
  );
  const tokenizer = new Tokenizer(model!, config!);
  return { id: folder, encode: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids };
}

async function readObject(folder: string, file: string): Promise<object> {
  const path = join(folder, file);
  const text = await readFile(path, "utf8").catch((error) => {
    throw new RagInstructError("file-missing", `${path} is not there`, { cause: error });
  });
  try {
    return JSON.parse(text) as object;
  } catch (error) {
    throw new RagInstructError("file-corrupt", `${path} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}
