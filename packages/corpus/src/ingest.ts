import { canonicalJson, type LeftOut, type OnProgress, type Passage, RagInstructError } from "@rag-instruct/core";
import type { RawDocument, ReadEvent } from "./formats/format.ts";
import { type InputFile, listInputFiles } from "./input-files.ts";
import { joinLeftOut, type LeftOutReason } from "./left-out.ts";
import { type ReadOptions, readFileEvents } from "./read-documents.ts";
import { type SplitDocumentsOptions, splitDocument } from "./split-documents.ts";
import { closeDatabase, openDatabase } from "./store/database.ts";
import { countUnread, type FileProgress, type IngestReport, IngestState, languagesOf } from "./store/ingest-state.ts";
import { PassageReader } from "./store/passage-store.ts";
import { type Dedupe, PassageWriter } from "./store/passage-writer.ts";

/** Options of {@link ingest}. */
export interface IngestOptions extends ReadOptions, SplitDocumentsOptions {
  /** Files, folders, globs, or `-` for standard input. */
  from: string | readonly string[];
  /** File of the passage store: made where it is missing, continued where it is there. */
  to: string;
  /**
   * What counts as a duplicate: the same id (`id`), or also the same normalised text (`text`).
   * @default "text"; "id" for sources that are made of passages with ids, such as DPR's, because published vectors have one for each id
   */
  dedupe?: Dedupe;
  /**
   * What happens when two documents with different texts have the same id: `refuse` throws `duplicate-id`; `rename` adds the name of its
   * file to the id of the later one, as in `7 (b.jsonl)`, and a number where that is taken too.
   * @default "refuse"
   */
  sameIds?: "refuse" | "rename";
  /** Throws `bad-record` at the first malformed record. @default false */
  strict?: boolean;
  onProgress?: OnProgress;
}

const recordsAtOnce = 2_000;
/** Characters of a passage at most. A passage of a hundred words has some 600; a longer one is an unbroken run of bytes, or a whole book. */
export const maxPassageLength = 100_000;
/** Passages, evenly spread, by which the languages of a corpus are recognised. */
const sampledForLanguage = 1_000;

/**
 * Reads documents, splits them and writes the passages into a store, in constant memory. Called again after an interruption it goes on
 * where it stood, and ends with the same rows. Throws `corpus-empty` when the store has no passage in the end,
 * `duplicate-id`, `bad-record` (strict), `bad-input` when a file has changed since, `bad-option`, and what reading and writing throw;
 * what was written before stays, and the store opens.
 */
export async function ingest(options: IngestOptions): Promise<IngestReport> {
  const { files, report } = await ingestInto(options);
  if (report.written === 0) throw corpusEmpty(files, report);
  return report;
}

/**
 * What {@link ingest} would report. It reads, splits and looks for duplicates in the same way, into a temporary store that is removed in
 * the end and takes as much room in the folder of temporary files. Throws what `ingest` throws, except `corpus-empty`.
 */
export async function checkIngest(options: Omit<IngestOptions, "to">): Promise<IngestReport> {
  // To SQLite an empty name means a private database in a temporary file.
  return (await ingestInto({ ...options, to: "" })).report;
}

async function ingestInto({
  from,
  to,
  strict = false,
  onProgress,
  ...options
}: IngestOptions): Promise<{ files: InputFile[]; report: IngestReport }> {
  const passedOver: LeftOut[] = [];
  const files = await listInputFiles(from, { leftOut: passedOver, gitignore: options.gitignore });
  const database = openDatabase(to, { readOnly: false });
  try {
    const writer = new PassageWriter(database, to);
    const state = new IngestState(database, to);
    state.agreeOn(describe(options));
    const run = new IngestRun({ writer, state, options, strict, onProgress });
    for (const file of files) await run.readFile(file);
    // What is passed over is read from the folders as they are now, not from what an interrupted run found there.
    const report = { ...run.report, leftOut: joinLeftOut(passedOver, run.report.leftOut) };
    if (report.written === 0) return { files, report };
    const languages = languagesOf(new PassageReader(database, to).sample(sampledForLanguage));
    state.saveLanguages(languages);
    return { files, report: { ...report, languages } };
  } finally {
    closeDatabase(database, { readOnly: false });
  }
}

interface RunParts {
  writer: PassageWriter;
  state: IngestState;
  options: ReadOptions & SplitDocumentsOptions & Pick<IngestOptions, "dedupe" | "sameIds">;
  strict: boolean;
  onProgress?: OnProgress;
}

class IngestRun {
  report: IngestReport;
  #parts: RunParts;

  constructor(parts: RunParts) {
    this.#parts = parts;
    this.report = parts.state.report();
  }

  async readFile(file: InputFile): Promise<void> {
    const { state, options } = this.#parts;
    const progress = await state.begin(file);
    if (progress.done) return;
    const leftOut: LeftOut[] = [];
    let toSkip = progress.records;
    let waiting: ReadEvent[] = [];
    for await (const events of readFileEvents(file, options, leftOut)) {
      const fresh = toSkip > 0 ? events.slice(toSkip) : events;
      toSkip -= events.length - fresh.length;
      for (const event of fresh) waiting.push(event);
      if (waiting.length < recordsAtOnce) continue;
      this.#write(waiting, progress, file);
      this.#tell(file);
      waiting = [];
    }
    this.#write(waiting, progress, file, leftOut);
    this.#tell(file);
  }

  /** One transaction: the passages, how far the file was read and the report stand or fall together. */
  #write(
    events: readonly ReadEvent[],
    progress: FileProgress,
    { source }: Pick<InputFile, "source">,
    end?: readonly LeftOut[],
  ): void {
    const { writer, state } = this.#parts;
    const report = structuredClone(this.report);
    const next = { file: progress.file, records: progress.records + events.length, done: end !== undefined };
    writer.transaction(
      () => {
        for (const event of events) this.#writeEvent(event, { file: progress.file, source, report });
      },
      ({ written, duplicate, duplicatePlaces }) => {
        report.read += written + duplicate;
        report.written += written;
        report.skipped.duplicate += duplicate;
        report.files += end ? 1 : 0;
        report.ignoredFiles += countOf(end, "unknown-format");
        report.invalidBytes += countOf(end, "invalid-bytes");
        const duplicates = { reason: "duplicate", count: duplicate, places: duplicatePlaces };
        report.leftOut = joinLeftOut(report.leftOut, end ?? [], [duplicates]);
        state.save(next, report);
      },
    );
    Object.assign(progress, next);
    this.report = report;
  }

  #writeEvent(
    event: ReadEvent,
    { file, source, report }: { file: number; source: string; report: IngestReport },
  ): void {
    const { writer, options, strict } = this.#parts;
    if ("unread" in event) {
      const { reason, line, detail } = event.unread;
      if (strict && reason === "malformed") {
        throw new RagInstructError("bad-record", `${event.unread.file}:${line}: ${detail}`);
      }
      countUnread(report, event.unread);
      return;
    }
    report.documents += 1;
    const passages = this.#passagesOf(event.document, source);
    if (passages.length === 0) {
      countUnread(report, { reason: "empty", file: writer.nameOf(file), line: event.line, detail: "no text" });
      return;
    }
    const { isPassage, id } = event.document;
    const dedupe = options.dedupe ?? (isPassage && id !== undefined ? "id" : "text");
    const place = { file, line: event.line };
    for (const passage of passages) {
      const { length } = passage.text;
      if (length <= maxPassageLength) {
        writer.add(passage, { dedupe, place });
        continue;
      }
      const detail = `a passage of ${length} characters, more than ${maxPassageLength}`;
      countUnread(report, { reason: "too-long", file: writer.nameOf(file), line: event.line, detail });
    }
  }

  /** The passages of a document. With `sameIds: "rename"` it gets another id where another document has its own. */
  #passagesOf(document: RawDocument, source: string): Passage[] {
    const { writer, options } = this.#parts;
    const passages = splitDocument(document, options);
    if (options.sameIds !== "rename" || document.id === undefined) return passages;
    let renamed = passages;
    for (let nth = 1; renamed.some((passage) => writer.hasOther(passage)); nth++) {
      const id = `${document.id} (${source}${nth === 1 ? "" : `, ${nth}`})`;
      renamed = splitDocument({ ...document, id }, options);
    }
    return renamed;
  }

  #tell(file: InputFile): void {
    this.#parts.onProgress?.({ stage: "ingest", done: this.report.read, note: file.source });
  }
}

function countOf(leftOut: readonly LeftOut[] = [], wanted: LeftOutReason): number {
  return leftOut.find(({ reason }) => reason === wanted)?.count ?? 0;
}

/** The options that decide what the passages are. */
function describe({
  by = "words",
  words = 100,
  overlap = 0,
  wrapAround = false,
  ...rest
}: RunParts["options"]): string {
  const { dedupe, fields, encoding, keepPageHeaders, ocr, sameIds } = rest;
  const reading = { fields, encoding, sameIds, keepPageHeaders: keepPageHeaders || undefined, ocr: ocr && true };
  return canonicalJson({ by, words, overlap, wrapAround, dedupe, ...reading });
}

function corpusEmpty(files: readonly InputFile[], { unread, ignoredFiles, leftOut }: IngestReport): RagInstructError {
  if (files.length === 0) {
    return new RagInstructError(
      "corpus-empty",
      "the documents are empty: no file was found; name files, or a folder that has some",
    );
  }
  const [first] = unread;
  const why = first
    ? `; ${first.file}:${first.line}: ${first.detail}`
    : ignoredFiles > 0
      ? `; ${ignoredFiles} of them are of no known format`
      : "";
  const unseen = leftOut.filter(({ reason }) => reason === "scanned-page" || reason === "image");
  const pictures = unseen.map(
    ({ reason, count, places }) => `; ${count} ${reason} (${places[0]}), which needs \`ocr\``,
  );
  return new RagInstructError(
    "corpus-empty",
    `no passage came out of ${files.length} file(s)${why}${pictures.join("")}`,
  );
}
