import { isAscii } from "./text.ts";
import { wordsOf } from "./words.ts";

/** The language of a text as far as it shows. */
export interface LanguageGuess {
  /** ISO 639-1 code, or undefined where the text says too little. */
  language: string | undefined;
  /** The script of most letters, such as `Latin`; undefined where there are none. */
  script: string | undefined;
  letters: number;
  /** Share of the words that are function words of a language, for the languages that have any. */
  profile: Readonly<Record<string, number>>;
}

/**
 * The commonest function words of languages written in Latin and Cyrillic letters: what tells one from another, and what
 * says nothing of a text's subject.
 */
const wordLists: Readonly<Record<string, string>> = {
  en: "the of and to in is was for that on as with by at from it an be this are which or his her their were not but have has had its who what when where how does did do he she they been would can could will should may about into than then there these those",
  de: "der die das und in den von zu mit sich des auf für ist im dem nicht ein eine einer eines einem als auch es an werden aus er hat dass sie nach wird bei sind noch wie um über so zum war haben nur oder aber vor zur bis mehr durch man wurde wer wann wo warum welche welcher welches kann",
  fr: "le la les de des du et en un une est que qui dans pour par sur avec au aux pas plus ce cette ces il elle ils sont son sa ses ou mais comme été être a ont quel quelle quels quelles où quand comment pourquoi se ne leur nous vous sans entre était fut",
  es: "el la los las de del y en un una es que por para con al se su sus como más pero fue o este esta son ha lo no le entre cuando desde sobre también hasta hay donde quien qué cuál cuáles cómo cuándo dónde quién quiénes era ser sin muy años",
  it: "il lo la i gli le di del della dei delle e in un una è che per con al alla si su come più ma fu da dal dalla nel nella sono ha anche non questo questa quale quali quando dove chi cosa perché essere stato stata era tra fra ed o",
  pt: "o a os as de do da dos das e em um uma é que por para com ao à se no na nos nas como mais mas foi ou este esta são não seu sua pelo pela também quando onde quem qual quais entre até era ser muito já foram",
  nl: "de het een en van in is dat op te voor met zijn aan door als bij uit om ook naar er maar niet werd wordt was deze dit die heeft hij zij ze wie wat wanneer waar hoe welke of over tot dan nog worden tussen kan",
  sv: "och i att en ett det som på är av för med den till inte har de om var från han hon men sig så vid kan eller när vad vem hur vilken vilket blev under efter också mellan ska skulle",
  da: "og i at en et det som på er af for med den til ikke har de om var fra han hun men sig så ved kan eller når hvad hvem hvor hvordan hvilken hvilket blev under efter også mellem skal blive",
  pl: "i w na z się do nie jest to że jako od o po przez za dla oraz ale był była było są ten ta który która które kto co kiedy gdzie jak jego jej ich może tylko czy został",
  tr: "ve bir bu da de için ile olarak olan en çok daha gibi kadar sonra ne kim nerede nasıl hangi değil olduğu tarafından ise ya ama",
  fi: "ja on ei se että oli joka hän sen mutta kun niin tai myös ovat mitä kuka missä milloin miten mikä ole kuin hänen jotka sekä",
  id: "yang dan di dari untuk dengan pada adalah ini itu dalam tidak ke oleh sebagai akan juga atau apa siapa kapan dimana bagaimana mana telah karena",
  ru: "и в не на что с как это по из у за от к о для но он она они был была были его её их или кто когда где который которая которые какой какая какие почему также при до же во со так",
  no: "og i en et det som på er av for med den til ikke har de om var fra han hun men seg så ved kan eller når hva hvem hvor hvordan hvilken hvilket ble under etter også mellom skal skulle bli dette",
  cs: "a v na se je že s z do o jako by pro ale od byl byla bylo po za tak jeho jsou které který která nebo kde kdy kdo co jak když podle mezi také až není při ze i",
  hu: "a az és hogy nem is egy volt ez azt meg mint vagy csak de már ki mi hol mikor hogyan milyen melyik szerint után között lett által amely aki ami azonban még ezt során minden",
  ro: "și de la în a cu pe din că nu este care un o sau mai au fost pentru prin ce cine unde când cum după sunt era între lui ale al cel cea dintre până fi avea acest această",
  ca: "el la els les de del dels i en un una que és per amb al als es va com més però seva seu són ha no o qui què on quan com aquest aquesta entre des fins també ser era",
  vi: "và của là có trong được cho với một các những không người này khi đã từ đến ở về như để năm vào ra bởi gì ai đâu nào cũng theo sau tại hay hoặc",
  bg: "и в на от се да за с е са че не по като до или при но той тя те беше което която който които кой къде кога как какво след между също през му бил била",
  sr: "и у на је да се од за са су који која које као о по не из али био била било он она они или где када шта ко како после између такође",
  uk: "і в не на що з як це по із у за від до для але він вона вони був була були його її їх або хто коли де який яка які чому також при та",
};

const scripts: readonly [script: string, run: RegExp, language?: string][] = [
  ["Latin", /\p{Script=Latin}+/gu],
  ["Cyrillic", /\p{Script=Cyrillic}+/gu],
  ["Kana", /[\p{Script=Hiragana}\p{Script=Katakana}]+/gu, "ja"],
  ["Han", /\p{Script=Han}+/gu, "zh"],
  ["Hangul", /\p{Script=Hangul}+/gu, "ko"],
  ["Arabic", /\p{Script=Arabic}+/gu, "ar"],
  ["Hebrew", /\p{Script=Hebrew}+/gu, "he"],
  ["Greek", /\p{Script=Greek}+/gu, "el"],
  ["Thai", /\p{Script=Thai}+/gu, "th"],
  ["Devanagari", /\p{Script=Devanagari}+/gu, "hi"],
];
// Japanese mixes Kana into Han; a text with so much Kana among the two is Japanese.
const kanaShare = 0.1;
const minHits = 2;

/** The languages that are recognised by their function words. */
export const guessedByWords: readonly string[] = Object.keys(wordLists);

/** The languages that {@link guessLanguage} knows, as ISO 639-1 codes. */
export const guessedLanguages: readonly string[] = [
  ...guessedByWords,
  ...scripts.flatMap(([, , language]) => language ?? []),
  "fa",
  "ur",
];

/** The function words of a language; for a language without a list the English ones. */
export function functionWords(language: string): readonly string[] {
  return (wordLists[language] ?? wordLists.en!).split(" ");
}

/** Tells a text's language by its script and, for Latin and Cyrillic letters, by its function words. */
export function guessLanguage(text: string): LanguageGuess {
  const plain = isAscii(text);
  const counts = scripts.map(([script, run, language]) => ({
    script,
    language,
    count: plain ? (script === "Latin" ? asciiLetters(text) : 0) : lettersIn(text, run),
  }));
  const letters = counts.reduce((sum, { count }) => sum + count, 0);
  const most = counts.reduce((best, one) => (one.count > best.count ? one : best));
  if (most.count === 0) return { language: undefined, script: undefined, letters: 0, profile: {} };
  const kana = counts.find(({ script }) => script === "Kana")!;
  if (most.script === "Han" && kana.count > kanaShare * (most.count + kana.count)) {
    return { language: "ja", script: "Kana", letters, profile: {} };
  }
  if (most.language) return { language: inScript(most.language, text), script: most.script, letters, profile: {} };
  const words = wordsOf(text);
  const hits = countFunctionWords(words);
  const [first, second] = [...hits].sort(([, a], [, b]) => b - a);
  const isClear = first !== undefined && first[1] >= minHits && first[1] > (second?.[1] ?? 0);
  const profile = Object.fromEntries([...hits].map(([language, count]) => [language, count / words.length]));
  return { language: isClear ? first[0] : undefined, script: most.script, letters, profile };
}

// Letters that Arabic has not: those of Urdu alone, and those that Persian and Urdu share.
const urduLetters = /[ٹڈڑںےھ]/g;
const persianLetters = /[پچژگکی]/g;
const minOtherLetters = 3;

/** Of languages that share a script that names one, the one whose own letters stand in the text. */
function inScript(language: string, text: string): string {
  if (language !== "ar") return language;
  if ((text.match(urduLetters)?.length ?? 0) >= minOtherLetters) return "ur";
  return (text.match(persianLetters)?.length ?? 0) >= minOtherLetters ? "fa" : "ar";
}

function lettersIn(text: string, run: RegExp): number {
  return (text.match(run) ?? []).reduce((sum, letters) => sum + letters.length, 0);
}

function asciiLetters(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i) | 0x20;
    if (code >= 0x61 && code <= 0x7a) count++;
  }
  return count;
}

function countFunctionWords(words: readonly string[]): Map<string, number> {
  languagesOf ??= invertLists();
  const hits = new Map<string, number>();
  for (const word of words) {
    for (const language of languagesOf.get(word) ?? []) hits.set(language, (hits.get(language) ?? 0) + 1);
  }
  return hits;
}

let languagesOf: ReadonlyMap<string, readonly string[]> | undefined;

/** The languages that have each function word. */
function invertLists(): Map<string, string[]> {
  const inverted = new Map<string, string[]>();
  for (const language of guessedByWords) {
    for (const word of functionWords(language)) inverted.set(word, [...(inverted.get(word) ?? []), language]);
  }
  return inverted;
}
