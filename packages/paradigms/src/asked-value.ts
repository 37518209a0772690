import { foldText, isFunctionToken, stemOf } from "@rag-instruct/core";

/** What a question asks for, where its words tell. */
export interface AskedValue {
  /** Beginnings of the words that ask, which an answer has others for. */
  asking: ReadonlySet<string>;
  /** Whether a value of a kind can be it. */
  isKind(kind: string): boolean;
  /** Whether a sentence that has these beginnings of words measures something else: it says how high, and not how long. */
  isOther(stems: ReadonlySet<string>): boolean;
}

interface Asking {
  /** Of a folded question. */
  asks: RegExp;
  /** The words that ask, and those that a sentence measures with. */
  words: string;
  isKind?: RegExp;
  isDimension?: true;
}

const length = /^of (?:km|m|cm|mm|mi|ft|in|square|米|公里|メートル|м)/;
const time = /^of (?:h|min|s|day|week|month|year|jahr|tag|jour|dia|天|小时|分|時間|日)/;
const lengthOrTime = new RegExp(`${length.source}|${time.source}`);

const askings: readonly Asking[] = [
  {
    asks: /\bhow (?:tall|high)\b|\bwie hoch\b|\bquelle (?:est la )?hauteur\b|\bque altura\b|\bquanto e alt[oa]\b|какова высота|多高|高さ/,
    words:
      "how tall high height wie hoch hoher hohe hauteur haut haute altura alto alta quanto высота высотой высок 多 高 度",
    isKind: length,
    isDimension: true,
  },
  {
    asks: /\bhow (?:long|far)\b|\bwie (?:lang|weit)\b|\bquelle (?:est la )?longueur\b|\bque longitud\b|какова длина|多长|多远|長さ/,
    words: "how long far length distance wie lang lange weit longueur long longitud largo длина длиной 多 长 远 長 度",
    isKind: lengthOrTime,
    isDimension: true,
  },
  {
    asks: /\bhow deep\b|\bwie tief\b|\bquelle (?:est la )?profondeur\b|\bque profundidad\b|какова глубина|多深|深さ/,
    words: "how deep depth wie tief tiefe profondeur profond profundidad глубина глубиной 多 深 度",
    isKind: length,
    isDimension: true,
  },
  {
    asks: /\bhow (?:wide|broad)\b|\bwie breit\b|\bquelle (?:est la )?largeur\b|\bque anchura\b|какова ширина|多宽|幅は/,
    words: "how wide broad width wie breit breite largeur large anchura ширина шириной 多 宽 幅 度",
    isKind: length,
    isDimension: true,
  },
  {
    asks: /\bhow (?:large|big)\b|\bwie gro(?:ß|ss)\b|面积/,
    words: "how large big area size wie groß gross große grosse fläche 多 大 面 积",
    isKind: length,
  },
  {
    asks: /\bhow heavy\b|\bweighs?\b|\bwie schwer\b|多重|重さ/,
    words: "how heavy weigh weight wie schwer 多 重",
    isKind: /^of (?:kg|g|t|斤|公斤)$/,
  },
  {
    asks: /\bhow often\b|\bwie oft\b/,
    words: "how often every wie oft alle",
    isKind: time,
  },
  {
    asks: /\bhow (?:much|expensive)\b|\b(?:costs?|prices?|fares?|fees?|pay)\b|\bwie teuer\b|\bwas kostet\b|\bcombien coute\b|\bcuanto cuesta\b|\bquanto (?:costa|custa)\b|\bhoeveel kost\b|сколько стоит|\bile kosztuj|多少钱/,
    words:
      "how much expensive cost price fare fee pay wie teuer was kostet combien coute cuanto cuesta quanto costa custa hoeveel kost сколько стоит ile kosztuje 多 少 钱",
    isKind: /^of (?:eur|usd|gbp|jpy|crown|cent|pence|franc|pound|kron|元|円)/,
  },
  {
    asks: /\bhow many\b|\bwie viele?\b|\bcombien\b|\bcuant[oa]s\b|\bquant[iea]s?\b|\bquantos\b|\bile\b|\bhoeveel\b|сколько|多少|几[个座人]/,
    words:
      "how many number wie viel viele combien cuantos cuantas quanti quante quantos quantas hoeveel ile сколько 多 少 几",
  },
  {
    asks: /\b(?:when|year)\b|\bwann\b|\bjahr\b|\bquand\b|\bannee\b|\bcuando\b|\bano\b|\bquando\b|\bwanneer\b|когда|каком году|哪一?年|何时|什么时候|哪天|いつ|何年/,
    words:
      "when year wann welchem jahr quand annee cuando ano quando anno wanneer jaar когда каком году 哪 一 年 何 时 时 候 什 么 天",
    isKind: /^(?:year|date)$/,
  },
];

// What asks, and what holds other words together, in scripts whose words are not apart: no document need have it.
const emptySigns = /^(?:\p{Script=Hiragana}|[的是于有在了吗呢被由与和及年哪何])$/u;

function stemsOf(words: string): string[] {
  return words.split(" ").flatMap((word) => [stemOf(word), stemOf(foldText(word))]);
}

/** The value that a question asks for: a length, a weight, a price, a time, or a number of things that it names. */
export function askedValue(question: string, stems: readonly string[]): AskedValue | undefined {
  const folded = foldText(question);
  const found = askings.find(({ asks }) => asks.test(folded));
  if (!found) return undefined;
  const own = new Set(stemsOf(found.words));
  const others = askings.filter((one) => one !== found && one.isDimension).flatMap(({ words }) => stemsOf(words));
  return {
    asking: new Set([...own, ...stems.filter((stem) => emptySigns.test(stem))]),
    isKind: (kind) =>
      found.isKind ? found.isKind.test(kind) : kind === "number" || stems.some((stem) => kind === `of ${stem}`),
    isOther: (known) =>
      found.isDimension === true &&
      others.some((word) => !own.has(word) && known.has(word)) &&
      ![...own].some((word) => known.has(word)),
  };
}

const asksWho = /\b(?:who|wer|qui|quien|chi|quem)\b/;
const byName =
  /(?<!\p{L})(?:by|von|vom|par|por|da|dal|door|av|af)\s(?:(?:the\s)?(?:\p{Ll}[\p{L}'’-]{0,30}\s){0,4})(\p{Lu}[\p{L}'’-]+)/gu;

// A name of two words or more, which a sentence begins with.
const nameFirst = /^\p{Lu}[\p{L}'’-]+(?: \p{Lu}[\p{L}.'’-]*)+(?= \p{Ll})/u;

/** Whether a question asks for a person, and a sentence says who: it begins with a name that the question has not, or says by whom. */
export function saysWho(question: string, sentence: string): boolean {
  if (!asksWho.test(foldText(question))) return false;
  const first = nameFirst.exec(sentence)?.[0].split(" ") ?? [];
  if (first.length > 0 && !isFunctionToken(foldText(first[0]!)) && !first.some((word) => question.includes(word)))
    return true;
  return Array.from(sentence.matchAll(byName), ([, name]) => name!).some((name) => !question.includes(name));
}
