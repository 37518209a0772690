import { stemOf } from "@rag-instruct/core";

/** What a question asks for, where its words tell. */
export interface AskedValue {
  /** Beginnings of the words that ask, which an answer has others for. */
  asking: ReadonlySet<string>;
  /** Whether a value of a kind can be it. */
  isKind(kind: string): boolean;
}

const kinds: readonly { asks: RegExp; words: string; isKind?: RegExp }[] = [
  {
    asks: /\bhow (?:tall|high|long|wide|deep|far|large|big)\b|\bwie (?:hoch|lang|breit|tief|weit|groß)\b/i,
    words: "how tall high long wide deep far large big wie hoch lang breit tief weit groß",
    isKind: /^of (?:km|m|cm|mm|mi|ft|in|square|h|min|s|day|month|week|year|jahr|tag)/,
  },
  { asks: /\bhow heavy\b|\bweighs?\b|\bwie schwer\b/i, words: "how heavy weigh wie schwer", isKind: /^of (?:kg|g|t)$/ },
  {
    asks: /\bhow (?:much|expensive)\b|\b(?:costs?|prices?|fares?|fees?|pay)\b/i,
    words: "how much expensive cost price fare fee pay",
    isKind: /^of (?:eur|usd|gbp|jpy|crown|cent|pence|franc|pound|kron)/,
  },
  {
    asks: /\bhow many\b|\bwie viele?\b|\bcombien\b|\bcuánt[oa]s?\b|\bquant[ie]\b|\bhoeveel\b|сколько/i,
    words: "how many wie viel viele combien cuanto quanti hoeveel сколько",
  },
  {
    asks: /\b(?:when|year)\b|\bwann\b|\bjahr\b|\bquand\b|\bannée\b|\bcuándo\b|\baño\b|\bquando\b|\bwanneer\b|когда/i,
    words: "when year wann welchem jahr quand annee cuando ano quando anno wanneer jaar когда",
    isKind: /^(?:year|date)$/,
  },
];

/** The value that a question asks for: a length, a weight, a price, a time, or a number of things that it names. */
export function askedValue(question: string, stems: readonly string[]): AskedValue | undefined {
  const found = kinds.find(({ asks }) => asks.test(question));
  if (!found) return undefined;
  const isKind = (kind: string) =>
    found.isKind ? found.isKind.test(kind) : kind === "number" || stems.some((stem) => kind === `of ${stem}`);
  return { asking: new Set(found.words.split(" ").map(stemOf)), isKind };
}
