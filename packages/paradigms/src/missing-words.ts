import { foldText, sentencesOf } from "@rag-instruct/core";
import { isAkin, tellingStems } from "./word-checks.ts";

/** How a language says that something is not told; beginnings of words, apart by blanks. */
interface MissingWords {
  /** What denies: whole words. */
  not: string;
  /** What is denied: "given", "known", "mentioned". */
  told: string;
  /** What says it alone: "unknown". */
  alone: string;
}

const languages: Readonly<Record<string, MissingWords>> = {
  en: {
    not: "not no never nothing nowhere neither nor without cannot none doesn't don't isn't aren't wasn't weren't didn't hasn't haven't can't couldn't",
    told: "given gives give giving stated state stating mention say says said saying tell told name specif record indicat list explain cover describ report provid reveal disclos includ show shown known document inform detail figure avail answer determin establish account note print publish found clear word learn infer deduc deriv gather",
    alone:
      "unknown unstated unspecified unrecorded undocumented undisclosed unmentioned unclear missing silent lacking absent unnamed",
  },
  de: {
    not: "nicht kein keine keinen keiner keines keinem nichts nirgends weder ohne",
    told: "angegeb angabe genannt nennen nennt bekannt erwahn uberliefer gesagt sagen sagt vermerk beschrieb beschreib enthalt enthielt hervor angefuhrt verzeichn festgehalt erklar ersichtlich information auskunft hinweis aussage daten erfahr beleg steht stehen",
    alone: "unbekannt fehlt fehlen ungenannt offengelassen unerwahnt",
  },
  fr: {
    not: "pas rien aucun aucune jamais ni sans nulle",
    told: "precis indiqu mention donn connu connai dit disent dire signal information indication detail renseign figur specifi trouve nomm decri rapport sait",
    alone: "inconnu ignore manque manquent",
  },
  es: {
    not: "no ni nunca ningun ninguna nada sin tampoco",
    told: "indica mencion dice dicen dicho especific conoc sabe consta precis aparece figura detall explic inform dato indicacion describ senal nombr registr",
    alone: "desconocid desconoce falta faltan",
  },
  it: {
    not: "non ne mai nessun nessuna nulla niente senza",
    told: "indica mencion menzion dice dicono detto specific not riport precis dato dati forn informazion indicazion conosc sa figura spieg cit registr",
    alone: "sconosciut manca mancano ignot",
  },
  pt: {
    not: "nao nem nunca nenhum nenhuma nada sem",
    told: "indica mencion conhec dit diz especific inform dad regist consta aparece sabe refer explic descrev nome",
    alone: "desconhecid desconhece falta faltam",
  },
  nl: {
    not: "niet niets geen nergens noch zonder nooit",
    told: "vermeld genoemd noemt noemen bekend gegeven gegevens aangegev gezegd zegt zeggen beschrev opgenomen informatie vermelding gemeld verteld staat terug",
    alone: "onbekend ontbreekt ontbreken ongenoemd",
  },
  sv: {
    not: "inte ingen inget inga aldrig utan varken",
    told: "angiv ange kand kant namn omnamn uppge uppgift sag information framga beskriv redovis",
    alone: "okand okant saknas",
  },
  da: {
    not: "ikke ingen intet aldrig uden hverken",
    told: "angiv oppgi navn nevn naevn kjent kendt oplys opplys fremga sie sagt siges information beskrev",
    alone: "ukendt ukjent mangler",
  },
  pl: {
    not: "nie brak bez zadn zadnych zadnej nic ani",
    told: "poda wiadomo wspomn wspomin okresl wymien znan mowi zawier informacj danych wzmian napis opis",
    alone: "nieznan",
  },
  ru: {
    not: "не нет ничего никак ни без",
    told: "указа сказан говор известн упом назван назыв приве сообщ опреде уточн данн сведен информац описан",
    alone: "неизвестн отсутств неясн",
  },
  uk: {
    not: "не немає нічого ні без",
    told: "вказа зазнач відом згад сказан назван навед повідом дан відомост інформац",
    alone: "невідом відсутн бракує",
  },
  tr: {
    not: "yok değil hiçbir hiç",
    told: "bilgi kayıt açık belirt söz veri",
    alone:
      "belirtilme bilinme verilme bahsedilme söylenme açıklanma bilinmiyor belirtilmiyor verilmiyor geçmiyor yer almıyor",
  },
  ar: {
    not: "لا لم غير ليس ليست دون بدون",
    told: "تذكر يذكر ذكر معروف محدد مذكور ترد يرد تحدد يحدد توضح يوضح معلوم تقول يقول",
    alone: "مجهول",
  },
};

// Scripts without spaces between words, and Korean, whose words change within: what says it as a whole.
const whole =
  /(?:没有|沒有|并未|並未|未|不)[\p{Script=Han}]{0,6}(?:提到|提及|说明|說明|给出|給出|记载|記載|指出|写明|注明|列出|透露|提供|交代|清楚|明确|知道|得知|知)|未知|不详|不詳|缺少|无从|無從|没有[\p{Script=Han}]{0,8}(?:信息|资料|记录|数据)|(?:記載|言及|記述|説明|明記|公表)[\p{Script=Hiragana}\p{Script=Han}]{0,8}(?:ない|ません)|不明|(?:わから|分から|書かれてい|述べられてい|示されてい|触れられてい|触れてい|明らかでは)(?:ない|ません)|(?:언급|명시|기록|제시|나와|설명|알려|공개)[\p{Script=Hangul}]{0,4} ?(?:있지|되지|지지) ?않|(?:알 수|정보가|기록이|언급이|기록은|정보는) ?없|나오지 않|불명/u;

// Words between what denies and what is denied: "is nowhere to be found given".
const maxBetween = 4;

let known: { not: ReadonlySet<string>; told: readonly string[]; alone: readonly string[] }[] | undefined;

/** All languages at once: a model may answer in its own. */
function wordsOfMissing(): NonNullable<typeof known> {
  known ??= Object.values(languages).map(({ not, told, alone }) => ({
    not: new Set(list(not)),
    told: list(told),
    alone: list(alone),
  }));
  return known;
}

function list(words: string): string[] {
  return foldText(words).split(" ");
}

/** Whether a text says that something is not told, in one of two dozen languages. */
export function saysMissing(text: string): boolean {
  return sentencesOf(text).some((sentence) => {
    const folded = foldText(sentence);
    if (whole.test(folded)) return true;
    const wordsOf = (text: string) => text.split(/[^\p{L}\p{N}']+/u).filter((word) => word !== "");
    const words = wordsOf(folded);
    // Of "the founder is named, but the director is not" the word before each comma.
    const closing = folded.split(/[,;]/).map((clause) => wordsOf(clause).at(-1) ?? "");
    return wordsOfMissing().some(({ not, told, alone }) => {
      const begins = (word: string, beginnings: readonly string[]) => beginnings.some((one) => word.startsWith(one));
      if (words.some((word) => begins(word, alone))) return true;
      if (not.has(closing.at(-1)!) && closing.some((word) => begins(word, told))) return true;
      return words.some(
        (word, i) =>
          not.has(word) &&
          words
            .slice(Math.max(0, i - maxBetween - 1), i + maxBetween + 2)
            .some((near) => near !== word && begins(near, told)),
      );
    });
  });
}

/** Whether an answer says that something is missing and names what: it shares a word with its question. */
export function namesMissing(answer: string, question: string): boolean {
  if (!saysMissing(answer)) return false;
  const asked = tellingStems(question);
  return tellingStems(answer).some((stem) => asked.some((other) => isAkin(stem, other)));
}
