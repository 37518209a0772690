import type { Task } from "@rag-instruct/core";
import type { EvalItem, ReadReason } from "./item.ts";

/** One record of a file, with its keys not yet looked at. */
export type Fields = Readonly<Record<string, unknown>>;

/** An item whose id may still have to be made from its content. */
export type DraftItem = Omit<EvalItem, "id"> & { id?: string };

/** What a layout makes of a record: items, the reason why there is none, or undefined when the record is of another layout. */
export type Reading = DraftItem | DraftItem[] | { reason: ReadReason; detail: string } | undefined;

/** Reads one way of writing a benchmark's records. */
export type Layout = (fields: Fields) => Reading;

/** The rules of the method's published scorer. */
export type ReferenceRule = "contains" | "number" | "choice";

/** A part of a benchmark that published figures are about. */
export interface Subset {
  /** How many questions it has. */
  count: number;
  /** The rule in words, with its source. */
  rule: string;
  keeps(item: EvalItem): boolean;
}

/** How to read, ask and score one benchmark. */
export interface Benchmark {
  id: string;
  name: string;
  /** Column of the published table, such as `WQA`; undefined where it has none. */
  column?: string;
  task: Task;
  /** The answers that may be given, where they are a closed set of words: yes, no, true … */
  verdicts?: readonly string[];
  /** Whether golds are numbers with units. @default false */
  numeric?: boolean;
  /** The published scorer's rule for it; undefined where that scorer does not know it. */
  reference?: ReferenceRule;
  /** Keys under which the method's own evaluation file lists it. */
  sources?: readonly string[];
  /** Tried in order. */
  layouts: readonly Layout[];
  /** The question as the prompt asks it. */
  instruction(item: EvalItem): string;
  /** Whether the paragraphs shown are the item's own context, whatever is retrieved. @default false */
  ownContext?: boolean;
  subset?: Subset;
}
