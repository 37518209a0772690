import type { PageImage } from "./ocr.ts";

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
