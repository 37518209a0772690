import { badOption, RagInstructError } from "@rag-instruct/core";
import { readAllBytes } from "@rag-instruct/core/node";
import { type FormatInput, type FormatOptions, type Ocr, type PageImage, type ReadEvent, unread } from "./format.ts";
import { fileDocument } from "./text.ts";

const maxBytes = 1 << 27;

/** Pictures: the text that `ocr` reads in them. Throws `bad-option` without it. */
export async function* readImage(input: FormatInput, options: FormatOptions): AsyncGenerator<ReadEvent[]> {
  const { ocr, signal } = options;
  if (!ocr) throw badOption(`${input.name} is a picture: its text needs a function \`ocr\``);
  const bytes = await readAllBytes(input, { maxBytes });
  const mediaType = mediaTypeOf(bytes);
  if (!mediaType) {
    yield [unread("malformed", input.name, 1, "not a picture of a known kind (PNG, JPEG, GIF, TIFF, WebP, BMP)")];
    return;
  }
  const text = await readImageText(ocr, { bytes: new Uint8Array(bytes), mediaType, file: input.name, signal });
  yield [{ document: fileDocument(input.source, { text }), line: 1 }];
}

/** The text of a picture. What the function throws comes with the place, but for an abort. */
export async function readImageText(ocr: Ocr, image: PageImage): Promise<string> {
  image.signal?.throwIfAborted();
  const place = image.page === undefined ? image.file : `${image.file}, page ${image.page}`;
  try {
    const text: unknown = await ocr(image);
    if (typeof text === "string") return text.trim();
  } catch (cause) {
    image.signal?.throwIfAborted();
    throw new RagInstructError("call-failed", `${place}: ocr failed: ${(cause as Error).message}`, { cause });
  }
  throw badOption(`${place}: ocr gave no string; it has to return the text of the picture`);
}

const marks: readonly [type: PageImage["mediaType"], mark: RegExp][] = [
  ["image/png", /^\x89PNG\r\n/],
  ["image/jpeg", /^\xFF\xD8\xFF/],
  ["image/gif", /^GIF8[79]a/],
  ["image/tiff", /^(II[*+]\0|MM\0[*+])/],
  ["image/webp", /^RIFF[\s\S]{4}WEBP/],
  // Its length, and then nothing for the next four bytes.
  ["image/bmp", /^BM[\s\S]{4}\0\0\0\0/],
];

/** The kind of picture that a file is by its first bytes; undefined for anything else. */
export function mediaTypeOf(head: Uint8Array): PageImage["mediaType"] | undefined {
  const text = Buffer.from(head.subarray(0, 16)).toString("latin1");
  return marks.find(([, mark]) => mark.test(text))?.[0];
}
