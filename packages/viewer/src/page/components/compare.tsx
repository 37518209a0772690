import { dollarsText } from "@rag-instruct/core";
import type { RunDifference } from "../../app/api.ts";
import { Foreign } from "./foreign.tsx";
import { Markdown } from "./markdown.tsx";

// What was not set is null when it has come as JSON.
const shown = (value: unknown) => (value === undefined || value === null ? "none" : JSON.stringify(value));

/** Two runs side by side: settings, counts, reasons, cost, and the accepted pairs that one has alone. */
export function Comparison({ difference, names }: { difference: RunDifference; names: readonly [string, string] }) {
  const { settings, counts, reasons, cost, variety, pairs } = difference;
  const verdicts = Object.entries(counts).flatMap(([paradigm, [one, other]]) =>
    (Object.keys(one) as (keyof typeof one)[])
      .filter((verdict) => one[verdict] !== 0 || other[verdict] !== 0)
      .map((verdict): [string, string, string] => [`${paradigm}: ${verdict}`, `${one[verdict]}`, `${other[verdict]}`]),
  );
  return (
    <>
      <Sides
        title="Settings that differ"
        names={names}
        none="They are the same."
        rows={settings.map(({ path, values }) => [path, shown(values[0]), shown(values[1])])}
      />
      <Sides title="Pairs" names={names} none="There are none." rows={verdicts} />
      <Sides
        title="Why pairs were not accepted"
        names={names}
        none="All were."
        rows={Object.entries(reasons).map(([reason, [one, other]]) => [reason, `${one}`, `${other}`])}
      />
      <Sides title="What it cost" names={names} none="Nothing was paid for." rows={costRows(cost)} />
      <Sides
        title="How varied it is"
        names={names}
        none="There are no figures of either."
        rows={varietyRows(variety)}
      />
      {pairs.meeting.count > 0 && <Meeting meeting={pairs.meeting} names={names} />}
      <section class="card">
        <h2>Accepted pairs</h2>
        <p>{`${pairs.inBoth.toLocaleString("en")} in both.`}</p>
        <div class="two">
          {([pairs.onlyFirst, pairs.onlySecond] as const).map((side, i) => (
            <div key={names[i]}>
              <h3>
                {`${side.count.toLocaleString("en")} in `}
                <Foreign text={names[i]!} />
                {" alone"}
              </h3>
              <ul>
                {side.pairs.map(({ id, question = "", answer = "" }) => (
                  <li key={id}>
                    <Foreign text={question} />{" "}
                    <span class="quiet">
                      <Foreign text={answer.slice(0, 160)} />
                    </span>
                  </li>
                ))}
              </ul>
            </div>
          ))}
        </div>
      </section>
    </>
  );
}

/** What both made of the same exemplar and documents. */
function Meeting({ meeting, names }: { meeting: RunDifference["pairs"]["meeting"]; names: readonly [string, string] }) {
  return (
    <section class="card">
      <h2>{`${meeting.count.toLocaleString("en")} written after the same exemplar from the same documents`}</h2>
      {meeting.pairs.map(({ paradigm, documents, first, second }, i) => (
        <div key={i}>
          <h3>
            <Foreign text={`${paradigm}: ${documents.join("; ")}`} />
          </h3>
          <div class="two">
            {[first, second].map(({ question = "", answer = "" }, side) => (
              <div key={side}>
                <p class="quiet">
                  <Foreign text={names[side]!} />
                </p>
                <p>
                  <Foreign text={question} />
                </p>
                <Markdown text={answer} />
              </div>
            ))}
          </div>
        </div>
      ))}
    </section>
  );
}

type Row = readonly [string, string, string];

function costRows([one, other]: RunDifference["cost"]): Row[] {
  const said = (spent: (typeof one)[string] | undefined) => {
    if (!spent) return "–";
    const { replies, inputTokens, outputTokens, usd } = spent;
    const dollars = usd > 0 ? `, ${dollarsText(usd)}` : "";
    return `${replies.toLocaleString("en")} replies, ${(inputTokens + outputTokens).toLocaleString("en")} tokens${dollars}`;
  };
  const purposes = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return purposes.map((purpose) => [purpose, said(one[purpose]), said(other[purpose])]);
}

const varieties = [
  ["distinctQuestions", "word pairs of questions that are no other's"],
  ["distinctAnswers", "word pairs of answers that are no other's"],
  ["alike", "questions half alike another"],
  ["coverage", "of the corpus written from"],
] as const;

function varietyRows([one, other]: RunDifference["variety"]): Row[] {
  const share = (value: number | undefined) => (value === undefined ? "–" : `${Math.round(100 * value)}%`);
  if (!one && !other) return [];
  return varieties.map(([key, label]) => [label, share(one?.[key]), share(other?.[key])]);
}

function Sides({
  title,
  names,
  rows,
  none,
}: {
  title: string;
  names: readonly [string, string];
  rows: readonly (readonly [string, string, string])[];
  none: string;
}) {
  return (
    <section class="card">
      <h2>{title}</h2>
      {rows.length === 0 ? (
        <p class="none">{none}</p>
      ) : (
        <table class="made">
          <thead>
            <tr>
              <th scope="col">what</th>
              {names.map((name) => (
                <th key={name} scope="col">
                  <Foreign text={name} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, one, other]) => (
              <tr key={name}>
                <th scope="row">
                  <Foreign text={name} />
                </th>
                <td>
                  <Foreign text={one} />
                </td>
                <td>
                  <Foreign text={other} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
