/** Token ids that a tokenizer puts around a text. */
export interface SpecialTokens {
  prefix: number[];
  suffix: number[];
}

/** What `tokenizer.json` says of a post-processor, as far as it is read here. */
export interface PostProcessorFile {
  type?: string;
  /** Of a template, whose parts name their tokens. */
  single?: { SpecialToken?: { id: string }; Sequence?: object }[];
  special_tokens?: Record<string, { ids: number[] }>;
  /** A token and its id. */
  cls?: [string, number];
  sep?: [string, number];
  processors?: PostProcessorFile[];
}

/** The special tokens around a single text, by the ids that stand in the file. */
export function specialTokens(file: PostProcessorFile | null | undefined): SpecialTokens {
  const { single = [], special_tokens = {}, cls, sep, processors = [] } = file ?? {};
  if (cls && sep) return { prefix: [cls[1]], suffix: [sep[1]] };
  const inner: SpecialTokens = { prefix: [], suffix: [] };
  for (const { prefix, suffix } of processors.map(specialTokens)) {
    inner.prefix.unshift(...prefix);
    inner.suffix.push(...suffix);
  }
  const text = single.findIndex(({ Sequence }) => Sequence !== undefined);
  const ids = single.map(({ SpecialToken }) => (SpecialToken ? (special_tokens[SpecialToken.id]?.ids ?? []) : []));
  return {
    prefix: [...ids.slice(0, Math.max(0, text)).flat(), ...inner.prefix],
    suffix: [...inner.suffix, ...ids.slice(text + 1).flat()],
  };
}
