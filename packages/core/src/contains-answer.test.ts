import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { containsAnswer, sentencesOf } from "./contains-answer.ts";

describe("containsAnswer", () => {
  it("finds whole words only", () => {
    expect(containsAnswer("He lives in Paris, France.", "paris")).toBe(true);
    expect(containsAnswer("a comparison", "paris")).toBe(false);
    expect(containsAnswer("105 people", "5")).toBe(false);
  });
  it("finds numbers in digits and in words", () => {
    expect(containsAnswer("There are seven bridges.", "7")).toBe(true);
    expect(containsAnswer("There are 7 bridges.", "seven")).toBe(true);
  });
  it("finds dates in the usual forms", () => {
    for (const text of ["on 4 July 1776.", "on July 4th, 1776.", "on 1776-07-04."])
      expect(containsAnswer(text, "July 4, 1776")).toBe(true);
    expect(containsAnswer("on 5 July 1776", "July 4, 1776")).toBe(false);
  });
  it("finds a date whose month cannot be told from its day by either reading, in a text as in an answer", () => {
    const text = "Signed on 03/04/1999, sealed on 25-12-2001.";
    for (const answer of ["03/04/1999", "3/4/1999", "3 April 1999", "March 4, 1999", "25 December 2001", "12/25/2001"])
      expect([answer, containsAnswer(text, answer)]).toEqual([answer, true]);
    for (const answer of ["04/05/1999", "3 May 1999", "03/04/1998"])
      expect([answer, containsAnswer(text, answer)]).toEqual([answer, false]);
  });
  it("finds Chinese and Thai inside a run", () => {
    expect(containsAnswer("首都是北京市。", "北京")).toBe(true);
    expect(containsAnswer("เมืองหลวงคือกรุงเทพมหานคร", "กรุงเทพ")).toBe(true);
  });
  it("never finds an empty answer", () => {
    expect(containsAnswer("the text", "the")).toBe(false);
    expect(containsAnswer("text", "")).toBe(false);
  });
  it("finds numbers, units and dates in whatever form, in several languages", () => {
    const found: [text: string, answer: string][] = [
      ["It is 20 kilometres long.", "20 km"],
      ["It is twenty km long.", "20 kilometres"],
      ["It took 45 per cent of the votes.", "45%"],
      ["It cost 1.5 million euros.", "€1,500,000"],
      ["造价一百五十万欧元", "150万欧元"],
      ["Costó 2.500.000 pesetas.", "2,5 millones"],
      ["Sie wurde am 3. März 1999 eröffnet.", "March 3, 1999"],
      ["Мост был открыт 14 июля 1989 года.", "14/07/1989"],
      ["Ilse Brandt, José Núñez and Zoë Łuczak", "Jose Nunez and Zoe Luczak"],
      ["O’Neill's bridges", "the oneill bridge"],
    ];
    for (const [text, answer] of found) expect([answer, containsAnswer(text, answer)]).toEqual([answer, true]);
    const missing: [text: string, answer: string][] = [
      ["It is 200 kilometres long.", "20 km"],
      ["It is 20 years old and 3 km long.", "20 km"],
      ["It is 2.0 km long.", "20 km"],
      ["It cost 1.5 billion euros.", "€1,500,000"],
      ["Sie wurde am 3. Mai 1999 eröffnet.", "March 3, 1999"],
      ["It is the 21st bridge.", "21"],
    ];
    for (const [text, answer] of missing) expect([answer, containsAnswer(text, answer)]).toEqual([answer, false]);
  });

  const forms: [language: string, text: string, answer: string, isStated: boolean][] = [
    ["en", "The flag is red, white and blue.", "blue, white, red", true],
    ["de", "Es waren 70.162,5 Tonnen.", "70162,5 Tonnen", true],
    ["es", "Costó 1.250.400,75 euros.", "1250400,75 euros", true],
    ["de", "Es waren 70.162,5 Tonnen.", "70.162 Tonnen", false],
    ["zh", "一共卖出1,451台。", "1451", true],
    ["en", "It weighs 2.5 t and is 30 metres long.", "2.5 tonnes", true],
    ["en", "It weighs 2.5 t and is 30 metres long.", "30 m", true],
    ["en", "Opened on 4 July 1776.", "07/04/1776", true],
    ["en", "The train runs at 300 km/h.", "300 kilometres per hour", true],
    ["en", "It covers 12 square kilometres.", "12 km²", true],
    ["en", "It holds 3 litres.", "3 L", true],
    ["en", "Twenty-one people came.", "21", true],
    ["en", "It costs $3.2 billion.", "3,200,000,000 dollars", true],
    ["en", "It is \\frac{1}{2} of it, that is 0.5.", "0.5", true],
    ["en", "The temperature is −5 °C.", "-5 degrees Celsius", true],
    ["en", "It is 5 °C.", "-5 °C", false],
    ["de", "Die Fahne ist schwarz, rot und gold.", "Gold, Rot, Schwarz", true],
    ["de", "Er wiegt 1.250 kg.", "1250 Kilogramm", true],
    ["de", "Es waren einundzwanzig Leute.", "21", true],
    ["de", "Eröffnet am 1. Juni 1882.", "1882-06-01", true],
    ["de", "Die Fläche beträgt 3,5 km².", "3,5 Quadratkilometer", true],
    ["de", "Es dauerte drei Jahre.", "3 Jahre", true],
    ["fr", "Il pèse 1 300 kilos.", "1300 kg", true],
    ["fr", "Le drapeau est bleu, blanc et rouge.", "rouge, blanc, bleu", true],
    ["fr", "Inauguré le 1er juin 1882.", "01/06/1882", true],
    ["fr", "Il a coûté 2,5 milliards d'euros.", "2 500 000 000 €", true],
    ["es", "Pesa 1.300 kilogramos.", "1300 kg", true],
    ["es", "La bandera es roja y amarilla.", "amarilla, roja", true],
    ["es", "El 40 % del cacao.", "40 por ciento", true],
    ["es", "Inaugurado el 2 de agosto de 1990.", "2/8/1990", true],
    ["it", "Pesa 1.300 chilogrammi.", "1300 kg", true],
    ["it", "Il 2 agosto 1990.", "02/08/1990", true],
    ["it", "Il 40 per cento.", "40%", true],
    ["pt", "Pesa 1.300 quilogramas.", "1300 kg", true],
    ["pt", "Em 2 de agosto de 1990.", "02/08/1990", true],
    ["pt", "40 por cento do cacau.", "40%", true],
    ["nl", "Op 2 augustus 1990.", "02-08-1990", true],
    ["nl", "Het weegt 1.300 kilo.", "1300 kg", true],
    ["sv", "Den 2 augusti 1990.", "1990-08-02", true],
    ["sv", "40 procent av allt", "40 %", true],
    ["pl", "2 sierpnia 1990 roku", "02.08.1990", true],
    ["pl", "40 procent", "40%", true],
    ["ru", "2 августа 1990 года", "02.08.1990", true],
    ["ru", "Он весит 1300 килограммов.", "1300 кг", true],
    ["ru", "Длина 57 километров.", "57 км", true],
    ["ru", "40 процентов", "40%", true],
    ["tr", "2 Ağustos 1990", "02.08.1990", true],
    ["tr", "yüzde 40", "%40", true],
    ["zh", "1990年8月2日开放", "1990-08-02", true],
    ["zh", "长57公里", "57 km", true],
    ["zh", "重三百公斤", "300公斤", true],
    ["zh", "红色、白色和蓝色", "蓝色、白色、红色", true],
    ["ja", "1990年8月2日に開通した", "1990-08-02", true],
    ["ja", "長さは57キロメートル", "57 km", true],
    ["ko", "1990년 8월 2일 개통", "1990-08-02", true],
    ["ko", "길이는 57킬로미터", "57 km", true],
    ["ar", "في 2 أغسطس 1990", "02/08/1990", true],
    ["ar", "الطول ٥٧ كيلومتر", "57", true],
    ["hi", "लंबाई ५७ किलोमीटर", "57", true],
    ["de", "Es kostet 5 Euro.", "50 Euro", false],
    ["fr", "le 3 mai 1990", "3 mars 1990", false],
    ["ru", "57 километров", "570 км", false],
  ];
  it.each(forms)("%s: “%s” and “%s”: %s", (language, text, answer, isStated) => {
    expect(containsAnswer(text, answer, { language })).toBe(isStated);
    expect(containsAnswer(text, answer)).toBe(containsAnswer(text, answer, { language: undefined }));
  });

  it("does not ask for the function words at both ends of an answer", () => {
    expect(containsAnswer("The bridge (3 March 2021) is long.", "On the 3rd of March, 2021.")).toBe(true);
    expect(containsAnswer("Die Brücke ist lang; seit März 2021 wird sie genutzt.", "Im März 2021")).toBe(true);
    expect(containsAnswer("The Who played.", "The Who")).toBe(true);
  });
  it("finds a long answer that is copied in its greater part", () => {
    const answer = "The bridge was built of red granite by masons from Brittany and opened for carts in spring";
    const most = "Records say it was built of red granite by masons from Brittany and opened for carts in autumn.";
    expect(containsAnswer(most, answer)).toBe(true);
    expect(containsAnswer(`${most} é`, answer)).toBe(true);
    expect(containsAnswer("The bridge was built of granite, and masons opened it for carts.", answer)).toBe(false);
  });
  it("finds the same whether or not a text without the answer's words is passed over at once", () => {
    const pieces = ["the ", "Eiffel", " ", "towers", "'s", "`", ".", "-", "cities", "three", "3", "kilometres", "May"];
    const more = [" 4, ", "1999", "years", "about", "O'", "clock", "square", " m2", "ponies", " y", "carries"];
    const text = fc.array(fc.constantFrom(...pieces, ...more), { maxLength: 14 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, text, text, (before, answer, after) => {
        for (const found of [`${before}${answer}${after}`, `${before} ${answer} ${after}`, `${before}${after}`]) {
          // A text with a character outside ASCII is always cut into tokens.
          expect(containsAnswer(found, answer)).toBe(containsAnswer(`${found} “`, answer));
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

describe("sentencesOf", () => {
  it.each([
    "It burned in Feb. 1943.",
    "Dr. Lund gave it to J. K. Rowling.",
    "George W. Bush came to St. Moritz.",
    "See No. 5 and Fig. 3.",
    "So steht es z. B. in Bern.",
    "Am 3. März war es offen.",
  ])("%s is one", (sentence) => {
    expect(sentencesOf(`Before it. ${sentence} Behind it.`)).toEqual(["Before it.", sentence, "Behind it."]);
  });

  it.each(["Is it so? | No. | He left.", "He took vitamin C. | It helped.", "It was 5 p.m. | Then he left."])(
    "%s are several",
    (sentences) => {
      expect(sentencesOf(sentences.replaceAll(" | ", " "))).toEqual(sentences.split(" | "));
    },
  );
});
