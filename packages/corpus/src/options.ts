/**
 * The options of documents as a config file holds them, as a schema of zod (optional peer).
 *
 * @example
 * import { checkOptions } from "@rag-instruct/core/options";
 * import { ingest } from "@rag-instruct/corpus";
 * import { corpus } from "@rag-instruct/corpus/options";
 *
 * const { from, ...reading } = checkOptions(corpus, { from: "docs" }, () => "config");
 *
 * @module
 */
import { asList, count, option, text, z } from "@rag-instruct/core/options";
import { documentFormats, type Ocr } from "./formats/format.ts";

const corpusShape = {
  from: option(z.union([text, z.array(text)]).transform(asList), "Files, folders or globs with documents."),
  format: option(
    z.enum(["auto", ...documentFormats]).default("auto"),
    'How documents are read; "auto" goes by name and content.',
  ),
  encoding: option(text.optional(), "Encoding of text that is not UTF-8, such as gbk, shift_jis or windows-1251.", {
    otherwise: "what a file states of itself, else a guess, which is counted",
    example: "gbk",
  }),
  fields: option(
    z.strictObject({ id: text.optional(), title: text.optional(), text: text.optional() }).optional(),
    "Fields of records that hold id, title and text; dots lead into nested ones.",
    { otherwise: "the usual names, such as text, content, abstract", example: { text: "abstract" } },
  ),
  keepPageHeaders: option(
    z.boolean().optional(),
    "Keep running headers, footers and page numbers of PDF, which are otherwise left out and counted.",
    { otherwise: "false", example: true },
  ),
  ocr: option(
    z.custom<Ocr>((value) => typeof value === "function").optional(),
    "A function of your own that reads the text of a scanned page or a picture: (image) => text.",
    { otherwise: "none: they are counted" },
  ),
  gitignore: option(
    z.boolean().optional(),
    "Leave out what git ignores, by the .gitignore files in folders of documents.",
    { otherwise: "false", example: true },
  ),
  sameIds: option(
    z.enum(["refuse", "rename"]).optional(),
    'What happens where two documents have one id: "refuse" stops, "rename" adds the name of its file to the later id.',
    { otherwise: '"refuse"', example: "rename" },
  ),
  by: option(
    z.enum(["words", "sentences", "headings", "none"]).optional(),
    'Where passages end: after `words`, at sentences before that, or at headings too; "none" makes each document one passage.',
    { otherwise: '"words"', example: "headings" },
  ),
  words: option(count.default(100), "Words of a passage."),
};

/** The documents of a config. */
export interface CorpusChoice extends z.input<z.ZodObject<typeof corpusShape>> {}
/** The same with its defaults filled in. */
export interface ResolvedCorpus extends z.output<z.ZodObject<typeof corpusShape>> {}
/** Schema of {@link CorpusChoice}. */
export const corpus: z.ZodType<ResolvedCorpus, CorpusChoice> = z.strictObject(corpusShape);
