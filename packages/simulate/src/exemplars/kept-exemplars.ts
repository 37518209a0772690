import { type Exemplar, numberText } from "@rag-instruct/core";
import { readJsonl } from "@rag-instruct/core/node";

/** What became of the exemplars that were read. */
export interface KeptExemplars {
  read: number;
  kept: number;
  /** Those kept, by source. */
  sources: Record<string, number>;
  /** Those left out, by reason, most first, each with one of them to look at. */
  leftOut: { reason: string; count: number; sample: string; detail: string }[];
}

/** A line of the file of rejected exemplars: an exemplar, or where a row stands that gave none. */
interface RejectedLine {
  question?: string;
  file?: string;
  line?: number;
  reason: string;
  detail: string;
}

/** Reads what became of exemplars from the two files that a run keeps of them. A file that is not there holds none. */
export async function keptExemplars(files: { kept: string; rejected: string }): Promise<KeptExemplars> {
  const found: KeptExemplars = { read: 0, kept: 0, sources: {}, leftOut: [] };
  for await (const { source } of readJsonl<Exemplar>(files.kept, { mayBeMissing: true })) {
    found.kept++;
    found.sources[source] = (found.sources[source] ?? 0) + 1;
  }
  const byReason = new Map<string, KeptExemplars["leftOut"][number]>();
  for await (const line of readJsonl<RejectedLine>(files.rejected, { mayBeMissing: true })) {
    const { reason, detail, question, file } = line;
    const known = byReason.get(reason);
    if (known) known.count++;
    else byReason.set(reason, { reason, count: 1, sample: question ?? `${file}:${line.line}`, detail });
  }
  found.leftOut = [...byReason.values()].sort((a, b) => b.count - a.count);
  found.read = found.kept + found.leftOut.reduce((sum, { count }) => sum + count, 0);
  return found;
}

const maxShown = 80;

/** The share of exemplars that was kept, of which sources, and what was left out with one of each reason, in lines; none where all were kept. */
export function keptExemplarLines({ read, kept, sources, leftOut }: KeptExemplars): string[] {
  if (leftOut.length === 0) return [];
  const share = read > 0 ? ((100 * kept) / read).toFixed(1) : "0";
  const of = Object.entries(sources).map(([source, times]) => `${numberText(times)} of ${source}`);
  const digits = Math.max(...leftOut.map(({ count }) => numberText(count).length));
  return [
    `${numberText(kept)} of ${numberText(read)} exemplars kept (${share}%)${of.length > 1 ? `: ${of.join(", ")}` : ""}. Left out, one shown of each reason:`,
    ...leftOut.map(
      ({ reason, count, sample, detail }) =>
        `  ${numberText(count).padStart(digits)} ${reason}: ${shortened(sample)} (${shortened(detail)})`,
    ),
  ];
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > maxShown ? `${line.slice(0, maxShown)}…` : line;
}
