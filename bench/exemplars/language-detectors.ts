// How often each of the two detectors tells the language of short texts: node --conditions=@rag-instruct/source bench/exemplars/language-detectors.ts
import { guessLanguage } from "@rag-instruct/core";
import { loadDetector } from "../../packages/simulate/src/language.ts";

/** Exemplars as people type them: a few words each. */
const short: Readonly<Record<string, readonly string[]>> = {
  en: [
    "Name three renewable energy sources",
    "Largest moon orbiting Saturn",
    "Explain photosynthesis",
    "Famous Norwegian painters",
    "Define gross domestic product",
    "Capital city near Mount Kenya",
  ],
  de: [
    "Nenne drei erneuerbare Energiequellen",
    "Größter Mond von Saturn",
    "Erkläre Photosynthese",
    "Bekannte norwegische Maler",
    "Definiere Bruttoinlandsprodukt",
    "Hauptstadt nahe Mount Kenya",
  ],
  fr: [
    "Citez trois énergies renouvelables",
    "Plus grande lune de Saturne",
    "Expliquez la photosynthèse",
    "Peintres norvégiens célèbres",
    "Définissez produit intérieur brut",
    "Capitale proche du mont Kenya",
  ],
  es: [
    "Nombra tres energías renovables",
    "Luna más grande de Saturno",
    "Explica la fotosíntesis",
    "Pintores noruegos famosos",
    "Define producto interior bruto",
    "Ciudad capital cerca del monte Kenia",
  ],
  it: [
    "Elenca tre energie rinnovabili",
    "Luna più grande di Saturno",
    "Spiega la fotosintesi",
    "Pittori norvegesi famosi",
    "Definisci prodotto interno lordo",
    "Capitale vicino al monte Kenya",
  ],
  pt: [
    "Cite três energias renováveis",
    "Maior lua de Saturno",
    "Explique a fotossíntese",
    "Pintores noruegueses famosos",
    "Defina produto interno bruto",
    "Capital perto do monte Quênia",
  ],
  nl: [
    "Noem drie hernieuwbare energiebronnen",
    "Grootste maan van Saturnus",
    "Leg fotosynthese uit",
    "Beroemde Noorse schilders",
    "Definieer bruto binnenlands product",
    "Hoofdstad nabij Mount Kenya",
  ],
  pl: [
    "Wymień trzy odnawialne źródła energii",
    "Największy księżyc Saturna",
    "Wyjaśnij fotosyntezę",
    "Słynni norwescy malarze",
    "Zdefiniuj produkt krajowy brutto",
    "Stolica blisko góry Kenia",
  ],
};

/** English answers that are mostly names of elsewhere. */
const named: readonly string[] = [
  "It was Jean-Baptiste de La Salle and Marie de Gournay.",
  "The film is La vita è bella by Roberto Benigni.",
  "He wrote Die Leiden des jungen Werther in Wetzlar.",
  "Gabriel García Márquez wrote Cien años de soledad.",
  "The club is Club Atlético Boca Juniors of La Boca.",
  "She sang Non, je ne regrette rien and La vie en rose.",
  "The party is Christlich Demokratische Union Deutschlands.",
  "The novel is Os Maias by José Maria de Eça de Queirós.",
  "The dish is called coq au vin or boeuf bourguignon.",
  "The street is Paseo de la Castellana in Madrid.",
];

const byWords = (text: string) => guessLanguage(text).language ?? "";
const byGrams = await loadDetector();
for (const [name, detect] of Object.entries({ "function words": byWords, "n-grams": byGrams })) {
  const all = Object.entries(short).flatMap(([code, texts]) => texts.map((text) => [code, detect(text)] as const));
  const right = all.filter(([code, told]) => told === code).length;
  const silent = all.filter(([, told]) => told === "").length;
  const foreign = named.filter((text) => !["en", ""].includes(detect(text))).length;
  console.log(
    `${name}: ${right} of ${all.length} short questions right, ${silent} not told; ${foreign} of ${named.length} English answers taken for another language`,
  );
}
