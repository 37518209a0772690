import { foldText } from "@rag-instruct/core";

/** How a language speaks of the document in front of the reader; all without accents, as folded text is. */
interface Pointers {
  /** What a document is called, as alternatives of a pattern. */
  nouns: string;
  /** What says that a document is meant whatever it is about: "according to the text". */
  before: string;
  /** "this", "the following", "the given". */
  these: string;
  /** The plain article, which alone leaves it open whether a document of the subject is meant. */
  article: string;
  /** "says", "above": what follows the noun when the reader's document is meant. */
  after: string;
}

const languages: Readonly<Record<string, Pointers>> = {
  en: {
    nouns: "documents?|passages?|paragraphs?|excerpts?|texts?|articles?|context|snippets?|extracts?",
    before:
      "(?:according to|based (?:up)?on|per|as (?:stated|described|mentioned|noted|given|shown|explained) (?:in|by)|(?:stated|described|mentioned|discussed|given|listed|provided|found|presented|cited|named) (?:in|by)|in light of) (?:the|these|those|this|both|all)(?: \\w+)?",
    these:
      "(?:this|these|the (?:above|following|given|provided|preceding|aforementioned|accompanying|attached|first|second|third|two|source)|above|both of the|each of the)(?: \\w+)?",
    article: "the",
    after:
      "(?:says?|states?|mentions?|describes?|provided|given|above|below|suggests?|tells? us|discuss(?:es)?|explains?|impl(?:y|ies)|refers?|provides?|indicates?|claims?)",
  },
  de: {
    nouns: "dokumente?n?|texte?s?|textes|abschnitte?s?|absatz(?:es)?|passagen?|auszuge?s?|kontext|artikels?",
    before:
      "(?:laut|gemass|nach|zufolge|entsprechend|(?:erwahnt|genannt|beschrieben) (?:im|in dem|in der))(?: dem| der| den| diesem| dieser| des)?(?: \\w+)?",
    these:
      "(?:dies(?:er|e|es|em|en)|(?:der|die|das|dem|den|im) (?:obige|vorliegende|folgende|gegebene|angegebene|genannte)[nmrs]?)",
    article: "(?:das|dem|der|die|den|des|im|vom)",
    after: "(?:sagt|besagt|nennt|erwahnt|beschreibt|erklart|steht|oben|zufolge)",
  },
  fr: {
    nouns: "documents?|textes?|passages?|paragraphes?|extraits?|contexte|articles?",
    before:
      "(?:selon|d'apres|suivant|(?:mentionnee?s?|decrite?s?|citee?s?|indiquee?s?) (?:dans|par)) (?:les? |la |l'|ce |cet |ces |cette )",
    these: "(?:ce|cet|ces|cette)",
    article: "(?:les?|l'|du|au)",
    after: "(?:dit|mentionne|decrit|indique|explique|ci-dessus|suivant|fourni|donne)",
  },
  es: {
    nouns: "documentos?|textos?|pasajes?|parrafos?|extractos?|fragmentos?|contexto|articulos?",
    before: "(?:segun|de acuerdo con|conforme a|(?:mencionad|descrit|citad)[oa]s? (?:en|por)) (?:el|los|la|este|estos)",
    these: "(?:este|estos|ese|esos|dicho)",
    article: "(?:el|los|del|al)",
    after: "(?:dice|menciona|describe|indica|explica|anterior|siguiente|proporcionado|dado)",
  },
  it: {
    nouns: "documento|documenti|testo|testi|brano|brani|passaggio|paragrafo|estratto|contesto|articolo",
    before:
      "(?:secondo|in base (?:al|a)|stando al|(?:menzionat|descritt|citat)[oaie] (?:nel|dal)) ?(?:il|lo|l'|i|questo)?",
    these: "(?:questo|questi|quest')",
    article: "(?:il|lo|l'|nel|nello|nell'|del|dello|dell')",
    after: "(?:dice|menziona|descrive|indica|spiega|sopra|seguente|fornito|dato)",
  },
  pt: {
    nouns: "documentos?|textos?|passagem|passagens|paragrafos?|trechos?|excertos?|contexto|artigos?",
    before:
      "(?:segundo|de acordo com|conforme|com base n[oa]|(?:mencionad|descrit|citad)[oa]s? (?:n[oa]|pel[oa])) ?(?:os?|as?|este|esta)?",
    these: "(?:este|estes|esta|esse|essa|neste|nesta|deste|desta)",
    article: "(?:os?|as?|no|na|do|da)",
    after: "(?:diz|menciona|descreve|indica|explica|acima|seguinte|fornecido|dado)",
  },
  nl: {
    nouns: "document|documenten|tekst|teksten|passage|alinea|fragment|context|artikel",
    before: "(?:volgens|op basis van|(?:genoemd|beschreven|vermeld) in) (?:de|het|dit|deze)",
    these: "(?:dit|deze|(?:de|het) (?:bovenstaande|volgende|gegeven))",
    article: "(?:de|het)",
    after: "(?:zegt|noemt|vermeldt|beschrijft|hierboven)",
  },
  ru: {
    nouns: "документ\\p{L}*|текст\\p{L}*|отрыв\\p{L}*|абзац\\p{L}*|фрагмент\\p{L}*|контекст\\p{L}*|стать\\p{L}*",
    before: "(?:согласно|по|исходя из|на основе|упомянут\\p{L}* в)",
    these: "(?:эт\\p{L}+|данн\\p{L}+|приведенн\\p{L}+|представленн\\p{L}+|указанн\\p{L}+|предоставленн\\p{L}+)",
    article: "(?:в|из)",
    after: "(?:говорит\\p{L}*|упомина\\p{L}+|описыва\\p{L}+|выше)",
  },
};

const edge = { start: String.raw`(?<![\p{L}\p{N}])`, end: String.raw`(?![\p{L}\p{N}])` };
// "In the context of …" points at no text.
const notOf = "(?! (?:of|for|from|von|de|d'|di|do|da|van|window)(?![\\p{L}]))";
// "Summarize the following text: …" brings the text along.
const bringsText = String.raw`(?![^.?!,;]{0,40}:\s)`;
const strong = Object.values(languages).flatMap(({ nouns, before, these, article, after }) => [
  new RegExp(`${edge.start}${before}\\s*(?:${nouns})${edge.end}${notOf}${bringsText}`, "u"),
  new RegExp(`${edge.start}${these} (?:${nouns})${edge.end}${notOf}${bringsText}`, "u"),
  new RegExp(`${edge.start}${article} ?(?:${nouns}) ${after}${edge.end}`, "u"),
]);
const numbered =
  /(?<![\p{L}\p{N}])(?:documents?|passages?|paragraphs?|excerpts?|docs?|dokumente?|textes?|abschnitt|documentos?|textos?|документ\p{L}*|文档|文書) ?[[(#№]?(?:[1-9]|1\d|one|two|three)[\])]?(?![\p{N}\p{L}]|[.-]\d)(?! of )/u;
// A number in brackets cites, unless it is an index in code: list[0].
const citation = /(?<![\p{L}_\])])\[\d{1,2}(?:[,-] ?\d{1,2})*\](?!\s*[;=.(])/u;
const eastAsian =
  /(?:根据|按照|依据|依照)?(?:上述|上面的?|以上|本|该|这[篇段份]|此|给定的?|所给的?)(?:文档|文件|文章|文本|段落|文字|材料|内容|文)|(?:文中|文章中|上文|根据(?:文档|文件|文章|文本|材料|段落|资料))|(?:この|上記の|上の|次の|与えられた|本)(?:文書|文章|段落|テキスト|記事|本文|資料)|(?:文書|本文|文章)(?:によると|によれば|の中で|で述べ)|(?:이|위|본|주어진|다음) ?(?:문서|글|지문|단락|본문|텍스트)|(?:본문|지문|문서)(?:에 따르면|에서)/u;
// Without vowel signs, as folded text is.
const arabic =
  /(?<!\p{L})(?:(?:وفقا|حسب|بحسب|بناء على|استنادا الى|كما (?:ورد|ذكر|جاء) في|المذكور[ةه]? في|الوارد[ةه]? في) ?(?:لل|ل|ال|هذا ال|هذه ال)?|هذا ال|هذه ال)(?:نص|وثيق[ةه]|مستند|مقال[ةه]?|فقر[ةه]|مقطع|سياق)(?!\p{L})/u;
const weak = Object.values(languages).map(
  ({ nouns, article }) => new RegExp(`${edge.start}${article} ?(${nouns})${edge.end}${notOf}${bringsText}`, "u"),
);

/**
 * What points at the reader's document in a text, such as "according to the passage", "this text", "document 2" or "[1]", in
 * English, German, French, Spanish, Italian, Portuguese, Dutch, Russian, Arabic, Chinese, Japanese or Korean; undefined where nothing does.
 * A plain "the document" counts only where the documents themselves do not speak of documents.
 * @param options.subject the documents' own words @default none: a plain "the document" does not count
 */
export function pointsAtDocument(text: string, { subject }: { subject?: string } = {}): string | undefined {
  // What is quoted is spoken of, it does not speak.
  const folded = foldText(text.replace(/[“"„«][^“”"„«»]{12,}[”"“»]/g, "“”"));
  for (const pattern of [...strong, numbered, citation, eastAsian, arabic]) {
    const found = folded.match(pattern)?.[0];
    if (found) return found.trim();
  }
  if (subject === undefined) return undefined;
  let about: string | undefined;
  for (const pattern of weak) {
    const [found, noun] = folded.match(pattern) ?? [];
    if (!found || !noun) continue;
    about ??= foldText(subject);
    if (!about.includes(noun.slice(0, 6))) return found.trim();
  }
  return undefined;
}
