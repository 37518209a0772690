import { RagInstructError } from "@rag-instruct/core";
import { readAllBytes } from "@rag-instruct/core/node";
import { type FormatInput, type FormatOptions, type ReadEvent, unread } from "./format.ts";
import { mediaTypeOf } from "./media-type.ts";
import { readImageText } from "./ocr.ts";
import { titleFromName } from "./text.ts";

const maxBytes = 1 << 27;

/** Pictures: the text that `ocr` reads in them. Throws `bad-option` without it. */
export async function* readImage(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const { ocr, signal } = options;
  if (!ocr) throw new RagInstructError("bad-option", `${input.name} is a picture: its text needs a function \`ocr\``);
  const bytes = await readAllBytes(input, { maxBytes });
  const mediaType = mediaTypeOf(bytes);
  if (!mediaType) {
    yield [unread("malformed", input.name, 1, "not a picture of a known kind (PNG, JPEG, GIF, TIFF, WebP, BMP)")];
    return;
  }
  const text = await readImageText(ocr, { bytes: new Uint8Array(bytes), mediaType, file: input.name, signal });
  yield [{ document: { title: titleFromName(input.source), text, metadata: { source: input.source } }, line: 1 }];
}
