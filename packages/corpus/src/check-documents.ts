import { amount, type CheckOutcome, checkOutcome, RagInstructError } from "@rag-instruct/core";
import { extensionOf } from "@rag-instruct/core/node";
import { type InputFile, type ListOptions, listInputFiles } from "./input-files.ts";

// Readers that are optional peers, by the endings of the files that need them.
const peers = [
  { extensions: ["pdf"], peer: "pdfjs-dist", module: "pdfjs-dist/legacy/build/pdf.mjs" },
  { extensions: ["docx", "docm"], peer: "mammoth" },
  { extensions: ["pptx", "xlsx", "odt", "odp", "ods", "rtf"], peer: "officeparser" },
  { extensions: ["eml", "mbox", "mht", "mhtml"], peer: "postal-mime" },
];
const packings = [
  { extension: ".bz2", peer: "unbzip2-stream" },
  { extension: ".xz", peer: "xz-decompress" },
];

/** Whether there are files behind paths, folders and globs, and the packages that their formats need. No file is read. */
export async function checkDocuments(from: readonly string[], options: ListOptions = {}): Promise<CheckOutcome[]> {
  const files: InputFile[] = [];
  const missing: string[] = [];
  for (const path of from) {
    try {
      files.push(...(await listInputFiles(path, options)));
    } catch (error) {
      if (!RagInstructError.is(error, "file-missing")) throw error;
      missing.push(path);
    }
  }
  if (missing.length > 0) {
    const found = `nothing at ${missing.join(", ")}`;
    return [checkOutcome.failed("documents", found, "mend corpus.from in the config, or name the documents")];
  }
  const checks = [checkOutcome.ok("documents", `${amount(files.length, "file")}`)];
  for (const { extensions, peer, module } of peers) {
    const found = extensions.filter((extension) => files.some(({ path }) => extensionOf(path) === extension));
    if (found.length > 0) checks.push(await checkPeer(peer, found.join(", "), module));
  }
  for (const { extension, peer } of packings) {
    if (files.some(({ path }) => path.toLowerCase().endsWith(extension)))
      checks.push(await checkPeer(peer, extension.slice(1)));
  }
  return checks;
}

async function checkPeer(name: string, kinds: string, module = name): Promise<CheckOutcome> {
  const why = `${kinds.toUpperCase()} files are among the documents`;
  try {
    await import(module);
    return checkOutcome.ok(name, `installed; ${why}`);
  } catch {
    return checkOutcome.failed(name, `not installed; ${why}`, `npm install ${name}`);
  }
}
