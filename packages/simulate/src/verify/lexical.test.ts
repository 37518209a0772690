import { containsAnswer, type Pair } from "@rag-instruct/core";
import { paradigmById } from "@rag-instruct/paradigms";
import { describe, expect, it } from "vitest";
import { checkLexically } from "./lexical.ts";
import { statementIn } from "./stated.ts";

type Given = { question: string; answer: string; text: string | string[]; options?: string[]; paradigm?: string };

/** What the checks say: `right`, or the reason. */
function said({ question, answer, text, options, paradigm = "single-doc-answer" }: Given): string {
  const documents = [text].flat().map((one, i) => ({ id: `${i}`, title: "", text: one }));
  const pair: Pair = {
    id: "p",
    paradigm,
    exemplarId: "e",
    question,
    answer,
    documents,
    model: "m",
    options,
  };
  const verdict = checkLexically(pair, { paradigm: paradigmById(paradigm) });
  return verdict.ok ? "right" : `${verdict.reason}: ${verdict.detail}`;
}
const bridge =
  "The bridge over the Elm was opened on 3 March 2021. It cost 1.5 million euros, is 1.2 km long and carries 45% of the traffic of the town. Its engineers were Ilse Brandt, José Núñez and Zoë Łuczak.";
const ask = (question: string, answer: string, more: Partial<Given> = {}): Given => ({
  question,
  answer,
  text: bridge,
  ...more,
});

describe("answers in their forms", () => {
  it.each([
    ["an ISO date", ask("When was the bridge opened?", "2021-03-03")],
    ["month first", ask("When was the bridge opened?", "March 3, 2021")],
    ["an ordinal day", ask("When was the bridge opened?", "On the 3rd of March, 2021.")],
    ["the year alone", ask("In which year was the bridge opened?", "2021")],
    ["digits with commas", ask("How much did the bridge cost?", "1,500,000 euros")],
    [
      "a date by its numbers alone",
      ask("When was the weir opened?", "03/04/2021", { text: "The weir opened on 03/04/2021." }),
    ],
    ["a currency sign", ask("How much did the bridge cost?", "€1.5 million")],
    ["a number in words", ask("How much did it cost to build the bridge?", "one million five hundred thousand euros")],
    ["a unit in full", ask("How long is the bridge?", "1.2 kilometres")],
    ["per cent in words", ask("Which share of the traffic does it carry?", "45 percent")],
    ["accents left out", ask("Who were the engineers of the bridge?", "Ilse Brandt, Jose Nunez and Zoe Luczak")],
    ["a list in another order", ask("Who were the engineers of the bridge?", "Zoë Łuczak; Ilse Brandt; José Núñez")],
    ["a list with bullets", ask("Who were the engineers of the bridge?", "- José Núñez\n- Zoë Łuczak\n- Ilse Brandt")],
    ["yes and why", ask("Was the bridge over the Elm opened before 2022?", "Yes, in March 2021.")],
    ["no alone", ask("Did the bridge cost two million euros?", "No")],
    ["a claim", ask("The bridge over the Elm is longer than a kilometre.", "True")],
    ["an option by letter", ask("Who built the bridge?", "B", { options: ["Karl May", "Ilse Brandt", "Ada Boe"] })],
    ["an option in brackets", ask("Who built the bridge?", "(B)", { options: ["Karl May", "Ilse Brandt", "Ada Boe"] })],
  ])("%s is stated", (_, given) => {
    expect(said(given)).toBe("right");
    if (/^(yes|no|true)\b/i.test(given.answer)) return;
    expect(said({ ...given, paradigm: "single-doc-support" })).toMatch(/^answer-stated/);
  });

  it.each([
    ["another day", ask("When was the bridge opened?", "2021-03-04")],
    ["another month", ask("When was the bridge opened?", "3 May 2021")],
    ["another year", ask("When was the bridge opened?", "3 March 2012")],
    ["another amount", ask("How much did the bridge cost?", "1,050,000 euros")],
    ["another scale", ask("How much did the bridge cost?", "1.5 billion euros")],
    ["another length", ask("How long is the bridge?", "12 km")],
    ["another share", ask("Which share of the traffic does it carry?", "54%")],
    ["another name", ask("Who built the bridge?", "Klara Brandt-Meier")],
    ["a list with a stranger", ask("Who were the engineers?", "Ilse Brandt, José Núñez and Karl May")],
    ["an option that stands nowhere", ask("Who built it then?", "A", { options: ["Karl May", "Ilse Brandt"] })],
  ])("%s is not", (_, given) => {
    expect(said(given)).toMatch(/^answer-not-in-documents/);
  });
});

const languages: [
  string,
  { text: string; question: string; answers: string[]; wrong: string; pointing: string; leak: string },
][] = [
  [
    "German",
    {
      text: "Die Brücke über die Elm wurde am 3. März 2021 eröffnet. Sie kostete 1,5 Millionen Euro und wurde von der Ingenieurin Käthe Großmann entworfen.",
      question: "Wann wurde die Brücke über die Elm eröffnet?",
      answers: ["Am 3. März 2021", "03.03.2021", "Sie wurde am 3. März 2021 eröffnet.", "Kathe Grossmann"],
      wrong: "Am 4. Mai 2020",
      pointing: "Wann wurde laut dem Text die Brücke eröffnet?",
      leak: "Wann wurde die Brücke, die am 3. März 2021 eröffnet wurde, eröffnet?",
    },
  ],
  [
    "French",
    {
      text: "Le pont sur l'Elme a été inauguré le 14 juillet 1989. Il a coûté 2,5 millions d'euros et a été dessiné par l'ingénieure Élise Lefèvre.",
      question: "Quand le pont sur l'Elme a-t-il été inauguré ?",
      answers: ["Le 14 juillet 1989", "14/07/1989", "Élise Lefèvre", "Elise Lefevre"],
      wrong: "Le 14 juin 1998",
      pointing: "Selon le texte, quand le pont a-t-il été inauguré ?",
      leak: "Quand le pont inauguré le 14 juillet 1989 a-t-il été inauguré ?",
    },
  ],
  [
    "Spanish",
    {
      text: "El puente sobre el Elmo fue inaugurado el 14 de julio de 1989 por la ingeniera Sofía Ibáñez y costó 2.500.000 pesetas.",
      question: "¿Cuándo fue inaugurado el puente sobre el Elmo?",
      answers: ["El 14 de julio de 1989", "1989", "Sofia Ibanez", "2,5 millones de pesetas"],
      wrong: "El 12 de octubre de 1492",
      pointing: "Según el documento, ¿cuándo fue inaugurado el puente?",
      leak: "¿Cuándo fue inaugurado el puente inaugurado el 14 de julio de 1989?",
    },
  ],
  [
    "Russian",
    {
      text: "Мост через реку Эльму был открыт 14 июля 1989 года. Его спроектировал инженер Иван Петров, а стоил он 2,5 миллиона рублей.",
      question: "Когда был открыт мост через реку Эльму?",
      answers: ["14 июля 1989 года", "14.07.1989", "Инженер Иван Петров"],
      wrong: "12 апреля 1961 года",
      pointing: "Согласно тексту, когда был открыт мост через реку?",
      leak: "Когда был открыт мост, открытый 14 июля 1989 года?",
    },
  ],
  [
    "Chinese",
    {
      text: "榆河大桥于2021年3月3日通车，由工程师王丽设计，造价一百五十万欧元，全长1.2公里，是该市最重要的交通要道之一。",
      question: "榆河大桥是什么时候通车的？",
      answers: ["2021年3月3日", "榆河大桥于2021年3月3日通车。", "王丽", "2021-03-03", "１.２公里", "150万欧元"],
      wrong: "2019年5月1日",
      pointing: "根据上述文章，榆河大桥是什么时候通车的？",
      leak: "2021年3月3日通车的榆河大桥是什么时候通车的？",
    },
  ],
  [
    "Japanese",
    {
      text: "エルム橋は2021年3月3日に開通した。設計は技師の山田花子で、建設費は150万ユーロ、全長は1.2キロメートルである。",
      question: "エルム橋はいつ開通しましたか？",
      answers: ["2021年3月3日", "2021年3月3日に開通しました。", "山田花子"],
      wrong: "2019年5月1日",
      pointing: "この文章によると、エルム橋はいつ開通しましたか？",
      leak: "2021年3月3日に開通したエルム橋はいつ開通しましたか？",
    },
  ],
  [
    "Arabic",
    {
      text: "افتُتح الجسر فوق نهر العلم في ٣ مارس ٢٠٢١، وصممته المهندسة ليلى الحسن، وبلغت تكلفته مليونًا ونصف مليون يورو.",
      question: "متى افتُتح الجسر فوق نهر العلم؟",
      answers: ["٣ مارس ٢٠٢١", "3 مارس 2021", "في ٣ مارس ٢٠٢١.", "المهندسة ليلى الحسن"],
      wrong: "٥ مايو ٢٠١٩",
      pointing: "وفقًا للنص، متى افتُتح الجسر فوق النهر؟",
      leak: "متى افتُتح الجسر الذي افتُتح في ٣ مارس ٢٠٢١؟",
    },
  ],
];

describe.each(languages)("pairs in %s", (_, { text, question, answers, wrong, pointing, leak }) => {
  it("stand where the answer does", () => {
    for (const answer of answers) {
      expect([answer, said({ text, question, answer })]).toEqual([answer, "right"]);
    }
    expect(said({ text, question, answer: answers[0]!, paradigm: "useless-doc" })).toMatch(/^answer-stated/);
  });
  it("do not where it does not, where they leak it, and where they point at the document", () => {
    expect(said({ text, question, answer: wrong })).toMatch(/^answer-not-in-documents/);
    expect(said({ text, question: leak, answer: answers[0]! })).toMatch(/^leaks-answer/);
    expect(said({ text, question: pointing, answer: answers[0]! })).toMatch(/^points-at-document/);
    expect(
      said({ text, question: "When was the bridge over the river opened to the public?", answer: answers[0]! }),
    ).toMatch(/^wrong-language/);
  });
});

describe("questions", () => {
  it.each([
    "According to the passage, when was the bridge opened?",
    "When was the bridge opened, as described in the given text?",
    "Based on the provided document, who built the bridge?",
    "When was the bridge mentioned in the article opened?",
    "What does the author of this passage say of the bridge?",
    "In Document 1, when was the bridge opened?",
    "From the context above, when was the bridge opened?",
  ])("points: %s", (question) => {
    expect(said(ask(question, "3 March 2021"))).toMatch(/^points-at-document/);
  });
  it.each([
    "When was the bridge over the Elm opened to traffic?",
    "In the context of town planning, when was the bridge over the Elm opened?",
    "Which document would a mason of that time have had to sign before the bridge was opened on 3 May?",
  ])("does not: %s", (question) => {
    expect(said(ask(question, "3 March 2021"))).not.toMatch(/^points-at-document/);
  });
  it.each([
    ["When was the bridge that was opened on 2021-03-03 opened?", "3 March 2021"],
    ["Who, if not Jose Nunez, was the engineer José called?", "José Núñez"],
    ["The bridge cost 1.5 million euros; how much did it cost?", "€1,500,000"],
  ])("leaks: %s", (question, answer) => {
    expect(said(ask(question, answer))).toMatch(/^leaks-answer/);
  });
});

describe("the form of question and answer", () => {
  const town =
    "The town of Elmstadt has a bridge over the Elm, which Ilse Brandt built in 1921, and a market on Fridays.";
  it.each(["useless-doc", "single-doc-support", "single-doc-answer"])("is looked at under %s", (paradigm) => {
    const verdict = (question: string, answer: string) =>
      said({ question, answer, text: town, paradigm }).split(":")[0];
    expect(verdict("Who built the bridge over the Elm?", "I can’t help with that.")).toBe("refusal");
    expect(verdict("Who built the bridge over the Elm?", "N/A")).toBe("non-answer");
    expect(verdict("Who built the bridge over the Elm?", "It was [your answer].")).toBe("placeholder");
    expect(verdict("Who built the bridge over the Elm?", "Answer: Ilse Brandt")).toBe("template-leftover");
    expect(verdict("Who built the bridge over the Elm?", "It was old. ".repeat(30))).toBe("degenerate-repetition");
    expect(verdict("Who built the bridge over the Elm?", "The bridge is by Ilse Brandt,")).toBe("answer-breaks-off");
    expect(verdict("Is the question", "Yes")).toBe("question-not-whole");
    expect(verdict("Which planet has the most moons?", "Saturn")).toBe("off-subject");
    expect(verdict("What is the market of Elmstadt?", "The market is the market.")).toMatch(
      /^(?:restates-question|leaks-answer)$/,
    );
  });

  it("keeps what shows the fault", () => {
    const documents = [{ id: "1", title: "", text: town }];
    const pair: Pair = {
      id: "p",
      paradigm: "useless-doc",
      exemplarId: "e",
      question: "Who built the bridge over the Elm?",
      answer: "Das weiß ich nicht.",
      documents,
      model: "m",
    };
    expect(checkLexically(pair, { paradigm: paradigmById("useless-doc") })).toMatchObject({
      ok: false,
      reason: "non-answer",
      evidence: { shown: "Das weiß ich nicht." },
    });
  });
});

describe("what words prove of a relation", () => {
  const honey =
    "A hive of bees makes 20 to 60 kilograms of honey a year. Honey keeps for years because it holds less than 18 per cent of water and is acid.";
  const verdict = (paradigm: string, question: string, answer: string) => {
    const documents = [{ id: "1", title: "Honey", text: honey }];
    const pair: Pair = { id: "p", paradigm, exemplarId: "e", question, answer, documents, model: "m" };
    const { ok, evidence, ...rest } = checkLexically(pair, { paradigm: paradigmById(paradigm) });
    return ok ? evidence.relation : "reason" in rest && rest.reason;
  };
  it("shows that a document states the answer, and of nothing else that it is so", () => {
    expect(
      verdict("single-doc-answer", "Why does honey keep for years?", "It holds less than 18% of water and is acid."),
    ).toBe("shown");
    expect(verdict("single-doc-answer", "Does honey keep for years?", "Yes")).toBe("unproved");
    expect(
      verdict(
        "single-doc-support",
        "Why should a jar of honey be closed in a damp kitchen?",
        "It draws moisture from damp air, and then yeasts can grow.",
      ),
    ).toBe("unproved");
    expect(
      verdict(
        "useless-doc",
        "Who keeps bees for a living, and what is the craft called?",
        "A beekeeper; the craft is apiculture.",
      ),
    ).toBe("unproved");
  });
  it("finds the answer in other words where the document must not help", () => {
    expect(
      verdict(
        "useless-doc",
        "What makes honey last so long in the cupboard?",
        "Honey is acid and holds less water: under 18 per cent.",
      ),
    ).toBe("answer-stated");
    expect(verdict("single-doc-support", "What is the capital of France?", "Paris")).toBe("off-subject");
    const question = "Why does `HoneyJar` keep honey for years in the cupboard?";
    const answer = "Bacteria find too little moisture in the jar to live on.";
    expect(verdict("single-doc-support", question, answer)).toBe("off-subject");
    expect(verdict("single-doc-support", question.replaceAll("`HoneyJar`", "a jar"), answer)).toBe("unproved");
  });
});

describe("one way to state an answer", () => {
  it.each([
    ["de", "Er wiegt 1.250 kg.", "1250 Kilogramm"],
    ["fr", "Inauguré le 1er juin 1882.", "01/06/1882"],
    ["es", "El 40 % del cacao.", "40 por ciento"],
    ["it", "Pesa 1.300 chilogrammi.", "1300 kg"],
    ["pt", "Em 2 de agosto de 1990.", "02/08/1990"],
    ["nl", "Op 2 augustus 1990.", "02-08-1990"],
    ["ru", "Длина 57 километров.", "57 км"],
    ["zh", "长57公里", "57 km"],
    ["ja", "1990年8月2日に開通した", "1990-08-02"],
    ["ko", "길이는 57킬로미터", "57 km"],
    ["en", "The flag is red, white and blue.", "blue, white, red"],
  ])("%s: %s %s is what a check of pairs and a guard of noise both find", (language, text, answer) => {
    expect(statementIn([text], { answer, question: "", language }).form).toMatch(/^(?:verbatim|parts)$/);
    expect(containsAnswer(text, answer, { language })).toBe(true);
  });
});
