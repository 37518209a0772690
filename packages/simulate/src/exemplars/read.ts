import { type Exemplar, hashOf, RagInstructError } from "@rag-instruct/core";
import { readRecords } from "@rag-instruct/core/node";
import { alpacaFormat } from "./formats/alpaca.ts";
import { exemplarFormat } from "./formats/exemplar.ts";
import { asRecord } from "./formats/fields.ts";
import type { ExemplarFormat } from "./formats/format.ts";
import { messagesFormat } from "./formats/messages.ts";
import { ragInstructFormat } from "./formats/rag-instruct.ts";
import { sharegptFormat } from "./formats/sharegpt.ts";
import { turnsFormat } from "./formats/turns.ts";

// Another format is a file beside these and a line here.
const formats: readonly ExemplarFormat[] = [
  ragInstructFormat,
  sharegptFormat,
  messagesFormat,
  turnsFormat,
  alpacaFormat,
  exemplarFormat,
];

/** An exemplar that cannot be read: where it stands and why. */
export interface UnreadExemplar {
  file: string;
  line: number;
  detail: string;
}

/** Options of {@link readExemplars}. */
export interface ReadExemplarsOptions {
  /** A format by name: exemplar, alpaca, sharegpt, messages, turns, rag-instruct. @default "auto": each record by its own shape */
  format?: string;
  /** Called for each record that cannot be read, which is then passed over. Without it the first one throws `bad-record`. */
  onUnread?: (record: UnreadExemplar) => void;
  signal?: AbortSignal;
}

/**
 * Reads exemplars from a JSON or JSONL file of a known instruction dataset, one by one. Records without an id get a hash
 * of their content. Throws `unknown-format`, `file-missing`, and `bad-record` as {@link ReadExemplarsOptions} says.
 */
export async function* readExemplars(path: string, options: ReadExemplarsOptions = {}): AsyncGenerator<Exemplar> {
  const { format = "auto", signal } = options;
  const candidates = format === "auto" ? formats : formats.filter(({ name }) => name === format);
  if (candidates.length === 0) {
    throw new RagInstructError(
      "unknown-format",
      `there is no exemplar format "${format}"; choose from ${formats.map(({ name }) => name).join(", ")}`,
    );
  }
  const onUnread =
    options.onUnread ??
    (({ file, line, detail }: UnreadExemplar) => {
      throw new RagInstructError("bad-record", `${file}:${line}: ${detail}`);
    });
  for await (const { value, file, line } of readRecords(path, {
    onMalformed: onUnread,
    ...(signal ? { signal } : {}),
  })) {
    const result = readOne(value, candidates);
    if ("problem" in result) onUnread({ file, line, detail: result.problem });
    else yield { ...result, id: result.id ?? hashOf([result.source, result.question, result.options ?? null]) };
  }
}

function readOne(value: unknown, candidates: readonly ExemplarFormat[]): ReturnType<ExemplarFormat["read"]> {
  const record = asRecord(value);
  if (!record) return { problem: "not an object" };
  const format = candidates.find((candidate) => candidate.matches(record));
  return (
    format?.read(record) ?? {
      problem: `the keys ${Object.keys(record).slice(0, 8).join(", ")} fit no known exemplar format`,
    }
  );
}
