import { readTokenizer } from "@rag-instruct/core/tokenizer";

/** A model's tokenizer, for counting and for labels. */
export interface TextTokenizer {
  /** The folder it comes from. */
  id: string;
  /** Token ids of a text, without the marks a model adds around it. */
  encode(text: string): number[];
}

/**
 * Opens the tokenizer of a model folder by its `tokenizer.json`, whose ids are those of Python's tokenizers. Throws `file-missing`,
 * `file-corrupt` and `unknown-format`.
 */
export async function openTokenizer(folder: string): Promise<TextTokenizer> {
  const { ids } = await readTokenizer(folder);
  return { id: folder, encode: ids };
}
