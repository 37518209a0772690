import { describe, expect, it } from "vitest";
import {
  allParadigms,
  furtherParadigms,
  namesMissing,
  paradigms,
  relationOf,
  renderPrompt,
  tablesIn,
} from "./index.ts";

const documents = [
  { id: "1", title: "Guide of 1998", text: "The tower is 96 metres high." },
  { id: "2", title: "Survey of 2015", text: "The tower measures 93 metres." },
];

describe("paradigms beyond the five", () => {
  it.each(Object.values(furtherParadigms))("$id asks for what it is", (paradigm) => {
    const { instructions } = renderPrompt({
      paradigm,
      documents: documents.slice(0, paradigm.documents.min),
      exemplar: { question: "How tall is the tower?", task: "open" },
    });
    expect(instructions).toMatchSnapshot();
    expect(relationOf(paradigm.id)).toBe(paradigm.about);
  });
  it("stand beside the five, which stay the five", () => {
    expect(Object.keys(paradigms)).toHaveLength(5);
    expect(Object.keys(allParadigms)).toEqual([...Object.keys(paradigms), ...Object.keys(furtherParadigms)]);
  });
  it("let an answer carry marks where it cites, and no other", () => {
    const asked = (id: keyof typeof allParadigms) =>
      renderPrompt({ paradigm: allParadigms[id], documents, exemplar: { question: "q", task: "open" } }).instructions;
    expect(asked("multi-doc-answer")).toContain("carries no reference\n  marks");
    expect(asked("cited-answer")).not.toContain("carries no reference");
  });
});

describe("an answer that says what is missing", () => {
  it.each([
    ["Who paid for the bridge?", "Who paid for the bridge isn't recorded."],
    ["Who paid for the bridge?", "The documents tell of the bridge, but give no name of who paid for it."],
    ["Who paid for the lighthouse?", "Its financing is not mentioned, only the lighthouse itself."],
    ["Wer bezahlte die Brücke?", "Wer die Brücke bezahlte, wird nicht erwähnt."],
    ["Who paid for the bridge?", "Its builder is named, but who paid for the bridge is not."],
    ["Wer bezahlte die Brücke?", "Der Erbauer ist genannt, der Zahler der Brücke aber nicht."],
    ["Кто оплатил мост?", "Год постройки моста известен, а имя мецената не названо."],
    ["Qui a payé le pont ?", "On ne sait pas qui a payé le pont."],
    ["¿Quién pagó el puente?", "No consta quién pagó el puente."],
    ["Chi ha pagato il ponte?", "Chi ha pagato il ponte non è indicato."],
    ["Quem pagou a ponte?", "Quem pagou a ponte não é mencionado."],
    ["Wie betaalde de brug?", "Wie de brug betaalde, staat er niet bij."],
    ["Vem betalade bron?", "Vem som betalade bron framgår inte."],
    ["Hvem betalte broen?", "Hvem der betalte broen, er ikke oplyst."],
    ["Kto zapłacił za most?", "Nie podano, kto zapłacił za most."],
    ["Кто заплатил за мост?", "Кто заплатил за мост, не указано."],
    ["Хто заплатив за міст?", "Хто заплатив за міст, невідомо."],
    ["谁为大桥付的钱？", "文中没有提到谁为大桥付的钱。"],
    ["橋の費用は誰が払いましたか？", "橋の費用を誰が払ったかは記載されていません。"],
    ["다리 비용은 누가 냈나요?", "다리 비용을 누가 냈는지는 언급되어 있지 않습니다."],
  ])("%s %s", (question, answer) => expect(namesMissing(answer, question)).toBe(true));
  it.each([
    ["Who paid for the bridge?", "Ilse Brandt paid for the bridge."],
    ["Who paid for the bridge?", "I do not know."],
    ["Which church is open?", "The guide says that the tower is open, but the church is not."],
    ["When does the ship sail?", "No ship sails on 25 December."],
    ["Wer bezahlte die Brücke?", "Die Stadt bezahlte die Brücke, nicht das Land."],
    ["Qui a payé le pont ?", "La ville a payé le pont."],
  ])("not: %s %s", (question, answer) => expect(namesMissing(answer, question)).toBe(false));
});

describe("a fact that is said to be missing", () => {
  const text =
    "The Orrin canal was opened in 1874. It was designed by Carla Voss. Its main dam is 46 metres high. 885 visitors come to the canal every day.";
  const said = (question: string, answer: string) =>
    furtherParadigms.unanswerable.check!(
      { question, answer, documents: [{ id: "1", title: "Orrin canal", text }] },
      { language: "en" },
    );

  it.each([
    ["Who designed the Orrin canal?", "Who designed the canal is not said.", "It was designed by Carla Voss."],
    ["How many visitors come to the Orrin canal every day?", "The number of visitors is not given.", "885 visitors"],
    ["How high is the main dam of the Orrin canal?", "The height of the dam is not given.", "46 metres high"],
  ])("stands in a document after all: %s", (question, answer, sentence) => {
    const detail = expect.stringContaining(sentence);
    expect(said(question, answer)).toEqual({ reason: "answer-stated", detail });
  });

  it.each([
    ["Who paid for the Orrin canal?", "Who paid for the canal cannot be learned from them."],
    ["How long is the main dam of the Orrin canal?", "The height of the dam is given, but how long it is is not said."],
  ])("stands in none: %s", (question, answer) => expect(said(question, answer)).toBe("unproved"));
});

describe("an answer that cites", () => {
  const texts = ["The mill of Dunn was built in 1790 by Jan Horn.", "It burned in May 1902, when the miller was away."];
  const cited = texts.map((text, i) => ({ id: `${i}`, title: "Dunn", text }));
  const said = (answer: string) =>
    furtherParadigms["cited-answer"].check!({ question: "What is known of it?", answer, documents: cited }, {});

  it.each([
    "Jan Horn built the mill in 1790 [1], and it burned in May 1902 [2].",
    "[1] Jan Horn built the mill in 1790. [2] It burned in May 1902.",
    "According to [1], Jan Horn built the mill in 1790. It burned in May 1902 [2].",
  ])("has each number behind what it proves: %s", (answer) => expect(said(answer)).toBe("shown"));

  it.each([
    ["Jan Horn built the mill in 1790 [2], and it burned in May 1902 [1].", "1790"],
    ["Jan Horn built the mill in 1790 [1][2], and it burned in May 1902 [2].", "says nothing of “Jan Horn"],
    ["Jan Horn built the mill in 1790 [1], and it burned in May 1903 [2].", "1903"],
  ])("is told of each that stands in the wrong place: %s", (answer, detail) => {
    expect(said(answer)).toEqual({ reason: "citation-unproved", detail: expect.stringContaining(detail) });
  });
});

describe("an answer that names two positions", () => {
  const said = (texts: string[], question: string, answer: string, language?: string) =>
    furtherParadigms["conflicting-docs"].check!(
      { question, answer, documents: texts.map((text, i) => ({ id: `${i}`, title: "", text })) },
      { language },
    );
  const fire = [
    "The fire at Dunn broke out on 5 October 1827.",
    "The fire at Dunn broke out on 1 May 1829, it is told.",
  ];
  const tower = ["La tour de Lans fut achevée en 1588.", "Selon la chronique, la tour de Lans fut achevée en 1592."];

  it("may say “one” where a date has a 1", () => {
    const answer = "5 October 1827 according to one source, but 1 May 1829 according to another.";
    expect(said(fire, "When did the fire at Dunn break out?", answer)).toBe("shown");
  });
  it("takes no position from the word that says whose it is", () => {
    const asked = "En quelle année fut achevée la tour de Lans ?";
    const once = "Les sources divergent : 1588 selon l'une, 1588 selon l'autre.";
    expect(said(tower, asked, once)).toMatchObject({ reason: "position-left-out" });
    expect(said(tower, asked, once.replace("1588 selon l'autre", "1592 selon l'autre"))).toBe("shown");
  });
});

describe("tables in a text", () => {
  it("are read with bars and with tabs, with what a cell escapes, and end where they end", () => {
    const text =
      "Before.\n\n| a | **b** |\n|:--|--:|\n| x \\| y | 1,200 |\n| z | 9:30 |\n\nprose | once\n\nk\t1\nl\t2.5\nend";
    const [bars, tabs, ...others] = tablesIn(text);
    expect(others).toEqual([]);
    expect(bars!.header.map(({ text }) => text)).toEqual(["a", "b"]);
    expect(bars!.rows.map((row) => row.map(({ text, value }) => value ?? text))).toEqual([
      ["x | y", 1200],
      ["z", 570],
    ]);
    expect(tabs!.header).toEqual([]);
    expect(tabs!.rows.map((row) => row[1]!.value)).toEqual([1, 2.5]);
  });
});
