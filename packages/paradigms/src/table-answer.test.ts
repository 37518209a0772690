import { guessLanguage } from "@rag-instruct/core";
import { describe, expect, it } from "vitest";
import { tableAnswer } from "./table-answer.ts";

const clubs =
  "The clubs of the county league.\n\n| Club | Founded | Members | Ground | Colours |\n|---|---|---|---|---|\n| Harwick Rovers | 1874 | 1,240 | Mill Lane | red |\n| Dunmore United | 1902 | 980 | The Dell | green and white |\n| Selby Athletic | 1888 | 2,015 | Castle Park | blue |\n| Penrose Town | 1921 | 640 | Quay Road | black |";
const trains =
  "Timetable of the valley railway, valid from June.\n\nTrain\tFrom\tDeparture\tTo\tArrival\tFare\nR101\tBrigham\t06:15\tOakley\t07:05\t£4.20\nR103\tBrigham\t08:40\tOakley\t09:25\t£5.60\nR105\tOakley\t10:00\tBrigham\t11:10\t£4.20";
const budget =
  "Der Haushalt der Gemeinde Oberau in tausend Euro:\n\n| Posten | 2021 | 2022 | 2023 |\n|---|---|---|---|\n| Schulen | 1.250,5 | 1.310,0 | 1.402,8 |\n| Straßen | 890,0 | 760,4 | 905,2 |\n| Kultur | 120,3 | 98,7 | 131,0 |\n| Feuerwehr | 310,0 | 322,5 | 318,9 |";
const elements =
  "| Element | Symbol | Melting point (°C) | Discovered by | Date of discovery |\n|:--|:-:|--:|:--|:--|\n| Gallium | Ga | 29.8 | Lecoq de Boisbaudran | 27 August 1875 |\n| Germanium | Ge | 938.2 | Clemens Winkler | 6 February 1886 |\n| Helium | He | −272.2 | Jules Janssen | 18 August 1868 |\n| Radium | Ra | 700 | Marie Curie | 21 December 1898 |";
const plans =
  "Our plans\n\n| Plan | Price per month | Users | Support | SSO |\n|---|---|---|---|---|\n| Free | $0 | 3 | forum | no |\n| Team | $12 | 25 | e-mail | no |\n| Pro | $49 | 100 | 24/7 phone | yes |";
const esp =
  "Producción de aceite por provincia, en toneladas.\n\n| Provincia | 2020 | 2021 |\n|---|---|---|\n| Jaén | 560.000 | 498.500 |\n| Córdoba | 270.300 | 245.000 |\n| Sevilla | 120.000 | 131.250 |";
const ru =
  "Население городов области.\n\n| Город | Население | Основан |\n|---|---|---|\n| Лесной | 48 200 | 1947 |\n| Речной | 112 350 | 1781 |\n| Каменск | 76 900 | 1824 |";
const ja =
  "各市の人口と面積。\n\n| 市 | 人口 | 面積 |\n|---|---|---|\n| 青山市 | 125,400 | 84.2 |\n| 川西市 | 98,300 | 120.5 |\n| 山本市 | 45,210 | 210.0 |";
const votes =
  "Result of the vote on the tram.\n\n| District | Yes | No | Turnout |\n|---|---|---|---|\n| North | 4,210 | 3,980 | 52.1% |\n| South | 2,875 | 4,410 | 47.3% |\n| Old Town | 6,120 | 1,530 | 61.8% |";

/** What words say of a question on a table and its answer. */
function said(text: string, question: string, answer: string): string {
  const documents = [{ id: "d", title: "", text }];
  const verdict = tableAnswer.check!({ question, answer, documents }, guessLanguage(text));
  return typeof verdict === "string" ? verdict : verdict.detail;
}

describe("table-answer", () => {
  it.each([
    [clubs, "Which of the clubs is the oldest?", "Harwick Rovers, founded in 1874."],
    [clubs, "Which club is the youngest?", "Penrose Town, founded in 1921."],
    [clubs, "What colours does Dunmore United wear?", "Green and white."],
    [clubs, "Where does Selby Athletic play?", "At Castle Park."],
    [clubs, "Which club plays at Quay Road?", "Penrose Town does."],
    [clubs, "How many members does Selby Athletic have?", "It has 2,015 members."],
    [clubs, "How many members do Harwick Rovers and Penrose Town have together?", "1,880 members: 1,240 and 640."],
    [clubs, "How many years after Harwick Rovers was Selby Athletic founded?", "14 years, in 1888."],
    [clubs, "Which clubs have more than 1,000 members?", "Harwick Rovers and Selby Athletic."],
    [clubs, "How many clubs have fewer than 1,000 members?", "Two of them: Dunmore United and Penrose Town."],
    [
      clubs,
      "Was Penrose Town founded before Dunmore United?",
      "No, Penrose Town was founded in 1921 and Dunmore United in 1902.",
    ],
    [clubs, "How many members does the average club have?", "About 1,219 members on average."],
    [trains, "When does the R103 arrive in Oakley?", "At 09:25."],
    [trains, "When does the R103 arrive in Oakley?", "At 9:25."],
    [trains, "How long does the R101 take?", "It takes 50 minutes, from 06:15 to 07:05."],
    [trains, "How long does the R105 take?", "1 hour and 10 minutes."],
    [trains, "What does a ticket for the R103 cost?", "£5.60."],
    [trains, "How much more does the R103 cost than the R101?", "£1.40 more."],
    [trains, "From where does the R105 start?", "It starts from Oakley."],
    [budget, "Wie viel gab Oberau 2022 für Schulen aus?", "1.310.000 Euro."],
    [budget, "Wie viel gab Oberau 2022 für Schulen aus?", "1.310 tausend Euro."],
    [budget, "Um wie viel tausend Euro sanken die Ausgaben für Straßen von 2021 auf 2022?", "Um 129,6 tausend Euro."],
    [budget, "Wie hoch waren alle Ausgaben im Jahr 2023 zusammen, in tausend Euro?", "Zusammen 2.757,9 tausend Euro."],
    [budget, "Wofür gab Oberau 2021 am meisten aus?", "Für Schulen, mit 1.250,5 tausend Euro."],
    [budget, "Um wie viel Prozent stiegen die Ausgaben für Kultur von 2022 auf 2023?", "Um rund 33 Prozent."],
    [elements, "When was radium discovered?", "On 21 December 1898."],
    [elements, "When was radium discovered?", "In December 1898."],
    [elements, "Who discovered germanium?", "Clemens Winkler."],
    [elements, "At what temperature does gallium melt?", "At 29.8 °C."],
    [elements, "At what temperature does helium melt?", "At −272.2 °C."],
    [elements, "Which of the elements was discovered last?", "Radium, on 21 December 1898."],
    [elements, "What is the symbol of gallium?", "Ga"],
    [plans, "How many users may the Team plan have?", "25 users."],
    [plans, "Which plan has phone support?", "The Pro plan."],
    [plans, "Which plan offers SSO?", "Only the Pro plan."],
    [plans, "What does the Pro plan cost per user when all places are taken?", "$0.49 per user."],
    [plans, "Does the Team plan have SSO?", "No."],
    [plans, "What is the price per month of the Pro plan?", "$49."],
    [esp, "¿Cuántas toneladas de aceite produjo Jaén en 2021?", "498.500 toneladas."],
    [esp, "¿Qué provincia produjo más en 2020?", "Jaén, con 560.000 toneladas."],
    [esp, "¿En cuántas toneladas aumentó Sevilla de 2020 a 2021?", "En 11.250 toneladas."],
    [ru, "Сколько жителей в городе Речной?", "112 350 жителей."],
    [ru, "Какой город самый большой?", "Речной."],
    [ru, "На сколько лет Речной старше Каменска?", "На 43 года."],
    [ja, "青山市の人口は何人ですか。", "125,400人です。"],
    [ja, "最も面積が大きい市はどこですか。", "山本市です。"],
    [ja, "青山市と川西市の人口の差は何人ですか。", "27,100人です。"],
    [votes, "By how many votes did the tram win in the Old Town?", "By 4,590 votes."],
    [votes, "In which district was the turnout highest?", "In the Old Town, with 61.8%."],
    [votes, "What was the turnout in the South?", "47.3%."],
    [votes, "How many people voted yes in all three districts?", "13,205 people."],
    [votes, "What share of the votes in the South was yes?", "About 39.5%."],
    [votes, "Which districts voted against the tram?", "Only the South."],
  ])("takes from %#: %s %s", (table, question, answer) => {
    expect(said(table, question, answer)).toBe("shown");
  });

  it.each([
    [clubs, "What colours does Dunmore United wear?", "Blue."],
    [clubs, "Which club plays at Quay Road?", "Dunmore United does."],
    [clubs, "How many members does Selby Athletic have?", "It has 1888 members."],
    [clubs, "How many years after Harwick Rovers was Selby Athletic founded?", "16 years."],
    [clubs, "Who is the trainer of Selby Athletic?", "Its trainer is Bob Marsh."],
    [trains, "When does the R103 arrive in Oakley?", "At 07:05."],
    [trains, "How long does the R101 take?", "It takes 55 minutes."],
    [trains, "What does a ticket for the R103 cost?", "£4.20."],
    [trains, "Which train has the cheapest fare?", "R103"],
    [budget, "Wie viel gab Oberau 2022 für Schulen aus?", "1.250.500 Euro."],
    [budget, "Um wie viel tausend Euro sanken die Ausgaben für Straßen von 2021 auf 2022?", "Um 119,6 tausend Euro."],
    [budget, "Welcher Posten war 2021 der kleinste?", "Die Feuerwehr."],
    [elements, "When was radium discovered?", "On 20 December 1898."],
    [elements, "In which month was radium discovered?", "In November 1898."],
    [elements, "Who discovered germanium?", "Marie Curie."],
    [elements, "What is the symbol of gallium?", "Ge"],
    [plans, "How many users may the Team plan have?", "100 users."],
    [plans, "What is the price per month of the Pro plan?", "$100."],
    [esp, "¿Cuántas toneladas de aceite produjo Jaén en 2021?", "560.000 toneladas."],
    [esp, "¿En cuántas toneladas aumentó Sevilla de 2020 a 2021?", "En 12.250 toneladas."],
    [ru, "Сколько жителей в городе Речной?", "48 200 жителей."],
    [ru, "В каком городе самое большое население?", "В Лесном."],
    [ja, "青山市の人口は何人ですか。", "98,300人です。"],
    [ja, "最も面積が大きい市はどこですか。", "川西市です。"],
    [votes, "In which district was the turnout highest?", "In the North, with 52.1%."],
    [votes, "What was the turnout in the South?", "52.1%."],
    [votes, "How many people voted yes in all three districts?", "13,305 people."],
  ])("takes no other row, column, day or sum: %# %s %s", (table, question, answer) => {
    expect(said(table, question, answer)).not.toBe("shown");
  });
});
