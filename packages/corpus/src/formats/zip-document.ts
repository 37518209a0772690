/** Documents that are ZIP files: which format reads one, by the first bytes and the name; undefined where it is an archive of files. */
export function zipDocument(head: Uint8Array, extension: string): "docx" | "office" | "epub" | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString("latin1");
  if (!text.startsWith("PK")) return undefined;
  // OpenDocument and EPUB say what they are in a first file, unpacked.
  const [, type = ""] = /^[\s\S]{30}mimetype(?:[\s\S]{0,64}?)(application\/[\w.+-]+)/.exec(text.slice(0, 300)) ?? [];
  if (type.startsWith("application/epub+zip")) return "epub";
  if (type.startsWith("application/vnd.oasis.opendocument")) return "office";
  if (/^(docx|docm|dotx)$/.test(extension)) return "docx";
  if (/^(pptx|pptm|ppsx|xlsx|xlsm|odt|odp|ods)$/.test(extension)) return "office";
  if (extension === "epub") return "epub";
  if (!/\[Content_Types\]\.xml|_rels\/\.rels/.test(text)) return undefined;
  if (/word\/(document|styles|_rels)/.test(text)) return "docx";
  return /(ppt|xl)\/(presentation|workbook|slides|worksheets|_rels)/.test(text) ? "office" : undefined;
}
