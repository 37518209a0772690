import { RagInstructError } from "@rag-instruct/core";

/** A picture of text. */
export interface PageImage {
  /** The picture's file: of a page a PNG, else the file as it was found. */
  bytes: Uint8Array;
  mediaType: "image/png" | "image/jpeg" | "image/gif" | "image/tiff" | "image/webp" | "image/bmp";
  /** Its file, as in messages. */
  file: string;
  /** The page of a PDF, counted from 1. */
  page?: number;
  signal?: AbortSignal;
}

/** Reads the text of a picture: a library or service of your own. */
export type Ocr = (image: PageImage) => string | Promise<string>;

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
  throw new RagInstructError("bad-option", `${place}: ocr gave no string; it has to return the text of the picture`);
}
