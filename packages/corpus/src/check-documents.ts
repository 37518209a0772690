import { extname } from "node:path";
import { amount, type CheckOutcome, checkOutcome, RagInstructError } from "@rag-instruct/core";
import { type InputFile, listInputFiles } from "./input-files.ts";

// Readers that are optional peers, by the ending of the files that need them.
const peers = [
  { extension: ".pdf", peer: "unpdf" },
  { extension: ".docx", peer: "mammoth" },
];

/** Whether there are files behind paths, folders and globs, and the packages that their formats need. No file is read. */
export async function checkDocuments(from: readonly string[]): Promise<CheckOutcome[]> {
  const files: InputFile[] = [];
  const missing: string[] = [];
  for (const path of from) {
    try {
      files.push(...(await listInputFiles(path)));
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
  for (const { extension, peer } of peers) {
    if (files.some(({ path }) => extname(path).toLowerCase() === extension))
      checks.push(await checkPeer(peer, extension));
  }
  return checks;
}

async function checkPeer(name: string, extension: string): Promise<CheckOutcome> {
  const why = `${extension.slice(1).toUpperCase()} files are among the documents`;
  try {
    await import(name);
    return checkOutcome.ok(name, `installed; ${why}`);
  } catch {
    return checkOutcome.failed(name, `not installed; ${why}`, `npm install ${name}`);
  }
}
