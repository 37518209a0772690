import { describe, expect, it } from "vitest";
import { checkText, type TextContext } from "./check-text.ts";

const said = (text: string, context: TextContext = {}) => {
  const found = checkText(text, context);
  return found ? found.reason : "nothing";
};

describe("answers that are none", () => {
  const byLanguage: [string, string[]][] = [
    [
      "English",
      [
        "I can't help with that.",
        "I can’t help with that.",
        "Sorry, but I cannot answer this question.",
        "I'm sorry, I’m unable to assist.",
        "As a language model, I have no opinion.",
        "As an AI…",
        "I don't know.",
        "I dont know the answer",
        "N/A",
        "Unfortunately, there is no information about this.",
        "It depends.",
        "The answer is",
        "There is not enough context to answer.",
        "The provided context doesn't contain the answer.",
        "None of the documents mentions it.",
        "As a large language model trained by a company, I can't browse.",
        "I do not have personal opinions.",
      ],
    ],
    [
      "German",
      [
        "Das weiß ich nicht.",
        "Es tut mir leid, dabei kann ich nicht helfen.",
        "Als KI-Sprachmodell kann ich das nicht sagen.",
        "Keine Angabe",
        "Leider kann ich diese Frage nicht beantworten.",
        "Leider weiß ich das nicht.",
        "Das Dokument enthält keine Angaben dazu.",
      ],
    ],
    [
      "French",
      [
        "Je ne peux pas répondre à cette question.",
        "Désolé, mais je ne suis pas en mesure d’aider.",
        "Je n’en sais rien.",
        "Le document ne contient pas cette information.",
        "En tant que modèle de langage, je n'ai pas d'avis.",
      ],
    ],
    ["Spanish", ["Lo siento, no puedo ayudarte con eso.", "No lo sé.", "Como modelo de lenguaje, no tengo opiniones."]],
    ["Italian", ["Mi dispiace, non posso rispondere.", "Non lo so.", "Il documento non lo dice."]],
    ["Portuguese", ["Desculpe, não posso ajudar com isso.", "Não sei."]],
    [
      "Dutch",
      ["Sorry, daar kan ik niet mee helpen.", "Helaas kan ik deze vraag niet beantwoorden.", "Ik weet het niet."],
    ],
    ["Swedish", ["Tyvärr, jag kan inte hjälpa till med det.", "Tyvärr kan jag inte svara på det.", "Jag vet inte."]],
    ["Polish", ["Przepraszam, nie mogę w tym pomóc.", "Nie wiem."]],
    ["Czech", ["Omlouvám se, s tím nemohu pomoci.", "Nevím."]],
    [
      "Russian",
      [
        "Извините, я не могу с этим помочь.",
        "Я не знаю.",
        "В документе не указано.",
        "Как языковая модель, я не имею мнения.",
      ],
    ],
    ["Ukrainian", ["Вибачте, я не можу допомогти.", "Не знаю."]],
    ["Turkish", ["Üzgünüm, bu konuda yardımcı olamam.", "Bilmiyorum."]],
    ["Finnish", ["Valitettavasti en voi auttaa.", "En tiedä."]],
    ["Indonesian", ["Maaf, saya tidak bisa membantu.", "Saya tidak tahu."]],
    ["Vietnamese", ["Xin lỗi, tôi không thể trả lời.", "Tôi không biết."]],
    ["Arabic", ["عذرًا، لا يمكنني المساعدة في ذلك.", "لا أعرف."]],
    ["Hindi", ["क्षमा करें, मैं इसमें मदद नहीं कर सकता।", "मुझे नहीं पता।"]],
    [
      "Chinese",
      ["抱歉，我无法回答这个问题。", "对不起，我不知道。", "作为一个人工智能语言模型，我没有个人观点。", "不知道"],
    ],
    ["Japanese", ["申し訳ありませんが、お答えできません。", "わかりません。", "AIとして、私は意見を持ちません。"]],
    ["Korean", ["죄송합니다. 도와드릴 수 없습니다.", "모르겠습니다.", "AI 언어 모델로서 저는 의견이 없습니다."]],
    ["Greek", ["Λυπάμαι, δεν μπορώ να βοηθήσω.", "Δεν ξέρω."]],
    ["Hebrew", ["מצטער, אני לא יכול לעזור.", "אני לא יודע."]],
  ];
  it.each(byLanguage)("%s", (_, answers) => {
    for (const answer of answers)
      expect([answer, said(answer, { as: "answer" })]).toEqual([
        answer,
        expect.stringMatching(/^(?:refusal|non-answer)$/),
      ]);
  });

  it("keeps what only begins alike", () => {
    for (const answer of [
      "Sorry is a song by Justin Bieber.",
      "TODO lists help people to remember their tasks.",
      "The text does not say who wrote it, but handwriting, paper and ink point to a monk of the abbey around 1190.",
      "I don't know why the caged bird sings is what readers often call Maya Angelou's memoir of 1969.",
      "As a language model, GPT-2 predicts the next token.",
      "Unknown Pleasures, by Joy Division",
      "No",
      "None",
      "Not before 1920.",
      "It depends on the altitude: water boils at 93 degrees on a mountain of 2,000 metres.",
      "Na",
      "OK",
      "undefined",
      "Je ne regrette rien, d'Édith Piaf",
      "不锈钢含铬。",
    ])
      expect([answer, said(answer, { as: "answer" })]).toEqual([answer, "nothing"]);
  });

  it("keeps what the documents say themselves, and choices by letter", () => {
    expect(said("Unknown", { as: "answer", documents: ["Author: Unknown"] })).toBe("nothing");
    expect(said("A", { as: "answer", hasOptions: true })).toBe("nothing");
  });
});

describe("what no text may hold", () => {
  it.each([
    ["placeholder", "The guide you need to know is [your answer]."],
    ["placeholder", "…"],
    ["placeholder", "-"],
    ["placeholder", "   "],
    ["placeholder", "TODO"],
    ["placeholder", "Dear {name}, the tower is tall."],
    ["placeholder", "<your answer here>"],
    ["placeholder", "[Insert the date here]"],
    ["template-leftover", "See {% page intro %} for the rest."],
    ["template-leftover", "It was {{ year }}."],
    ["template-leftover", "Paris.<|im_end|>"],
    ["template-leftover", "[INST] Who built it? [/INST]"],
    ["template-leftover", "Answer: Paris"],
    ["template-leftover", '{"question": "Who built it?"'],
    ["template-leftover", "Paris.\nQuestion: Who built it?"],
    ["template-leftover", "### Response:\nParis"],
    ["control-characters", "x\u000crac{1}{2}"],
    ["control-characters", "caf\ufffd"],
    ["control-characters", "half \ud83d of it"],
    ["degenerate-repetition", "The bridge is old. ".repeat(20)],
    [
      "degenerate-repetition",
      "It is a tool that can be used to store, and it is a tool that can be used to store, and it is a tool that can be used to store.",
    ],
    ["degenerate-repetition", `The AI is called A${".S".repeat(80)}`],
    ["degenerate-repetition", "lejbrero ".repeat(12)],
    ["degenerate-repetition", "aaaaaaaaaaaaaaaaaaaa"],
    ["degenerate-repetition", "这座桥很古老。".repeat(20)],
    ["degenerate-repetition", `1${",000".repeat(60)}`],
  ])("%s: %s", (reason, text) => {
    expect(checkText(text)).toMatchObject({ reason });
    expect(text.toWellFormed()).toContain(checkText(text)!.evidence.replace(/…$/, ""));
  });

  it.each([
    "Use `{name}` in the path, or `[your answer]` in the form.",
    "The set is {2, 3, 5}, and \\frac{a}{b} is \\text{half}.",
    "x_{max} is the largest value of {x}",
    "```js\nconst text = `{{ name }}`;\n```",
    "const [first, second] = items; // a list",
    "π",
    "+",
    "∅",
    "42",
    "-40 °C",
    "No man is an island; every man is a piece of the continent, a part of the main.",
    "Peter Piper picked a peck of pickled peppers. A peck of pickled peppers Peter Piper picked.",
    "2 × 1 = 2\n2 × 2 = 4\n2 × 3 = 6\n2 × 4 = 8\n2 × 5 = 10\n2 × 6 = 12\n2 × 7 = 14\n2 × 8 = 16\n2 × 9 = 18\n2 × 10 = 20",
    "| metal | melts at |\n|---|---|\n| iron | 1,538 °C |\n| lead | 327 °C |\n| tin | 232 °C |",
    "Berlin is the capital of Germany. Paris is the capital of France. Rome is the capital of Italy. Madrid is the capital of Spain.",
    "人类历史上最长的河流是尼罗河，全长约6650公里。",
    "It was a very, very long way.",
  ])("keeps: %s", (text) => {
    expect(checkText(text, { as: "answer" })).toBeUndefined();
  });
});

describe("questions", () => {
  it.each([
    ["What is the difference between a file and a file?", "question-not-whole"],
    ["What are the parameters for this function?", "question-not-whole"],
    ["What is the next step in this list?", "question-not-whole"],
    ["Is the question", "question-not-whole"],
    ["What is the answer to the question", "question-not-whole"],
    ["The answer is: France", "question-not-whole"],
    ["The statement is false.", "question-not-whole"],
    ["Which of the following is true of bridges?", "question-not-whole"],
    ["The old stone bridge", "question-not-whole"],
    ["Who built the bridge and", "question-not-whole"],
    ["Why?", "question-not-whole"],
    ["Which river crosses the town of Elmstadt,", "question-not-whole"],
  ])("%s", (question, reason) => {
    expect(said(question, { as: "question" })).toBe(reason);
  });

  it.each([
    "Who built the bridge?",
    "Name the engineers of the bridge",
    "Explain in two sentences how a lock works.",
    "Lightning never strikes the same place twice.",
    "Solve for x: 2x + 3 = 7",
    "How do I reverse a list in Python?",
    "What does `list[0]` give?",
    "What does this function return: f(2)?",
    "A bakery keeps a list of orders; how is this list sorted?",
    "Write a haiku about rust",
    "这座桥是谁建的？",
    "この橋は誰が建てましたか？",
    "List the parts of a suspension bridge.",
    "True or false: a tide comes twice a day.",
    "Compare tea and coffee",
    "Which of the following is a metal?\nA) iron\nB) salt",
    "¿Quién construyó el puente?",
    "Wer hat die Brücke gebaut?",
  ])("keeps: %s", (question) => {
    expect(checkText(question, { as: "question" })).toBeUndefined();
  });

  it.each([
    ["Which planet has the most moons?", ["The bridge over the Elm was opened in 1921."], "off-subject"],
    ["What year was it first?", ["The bridge over the Elm was opened in 1921."], "off-subject"],
    ["When was the crossing of the Elm opened?", ["The bridge over the Elm was opened in 1921."], "nothing"],
    ["哪个行星的卫星最多？", ["这座桥建于一九二一年，横跨易北河。"], "off-subject"],
    ["这座桥是什么时候建的？", ["这座桥建于一九二一年，横跨易北河。"], "nothing"],
    ["다리는 언제 개통되었나요?", ["엘름강의 다리가 1921년에 개통되었다."], "nothing"],
    ["Wann wurden die Brücken eröffnet?", ["Die Eröffnung der Elmbrücke war 1921."], "nothing"],
    ["How is the word “first” spelled?", ["The first bridge over the Elm was opened in 1921."], "nothing"],
  ])("%s of %s: %s", (question, documents, reason) => {
    expect(said(question, { as: "question", documents })).toBe(reason);
  });
});

describe("answers beside their questions", () => {
  it.each([
    ["What is a newspaper?", "A newspaper is a newspaper.", "restates-question"],
    [
      "What is a custom context?",
      "A custom context is a custom context that is defined by a set of attributes.",
      "restates-question",
    ],
    ["Why is the model not keeping the form?", "The model is not keeping the form.", "restates-question"],
    ["What is the ledger of the run?", "The ledger of the run.", "restates-question"],
    ["How does a light bulb last?", "The answer is a light bulb.", "restates-question"],
    ["Which is older, the tower or the bridge?", "The tower is.", "nothing"],
    ["Is the bridge old?", "Yes", "nothing"],
    ["Who built the bridge?", "One guide has Ada Marsh, another Jun Ito, so it is not certain.", "nothing"],
    ["Who built the bridge?", "Paris", "nothing"],
    ["How long is the bridge?", "The bridge is 12 metres long.", "nothing"],
    ["How is the tower built?", "It is built of stone and", "answer-breaks-off"],
    ["How is the tower built?", "It is built of stone, brick,", "answer-breaks-off"],
    ["Which vitamin is it?", "It is called vitamin A", "nothing"],
    ["What are the properties of it?", "The properties of the function are:", "answer-breaks-off"],
  ])("%s %s: %s", (question, answer, reason) => {
    expect(said(answer, { as: "answer", question })).toBe(reason);
  });

  it("names an answer in another language", () => {
    const documents = ["The bridge over the Elm was opened to traffic in 1921 and it is the oldest of the town."];
    const answer = "Die Brücke wurde im Jahr 1921 für den Verkehr geöffnet und sie ist die älteste der Stadt.";
    expect(said(answer, { as: "answer", documents })).toBe("wrong-language");
    expect(said(answer, { as: "answer", documents, language: "German" })).toBe("nothing");
  });
});
