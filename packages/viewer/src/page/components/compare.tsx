import type { RunDifference } from "../../app/api.ts";
import { type DifferenceRow, differenceRows } from "../../describe-difference.ts";
import { Foreign } from "./foreign.tsx";
import { Markdown } from "./markdown.tsx";

/** Two runs side by side: settings, counts, reasons, cost, and the accepted pairs that one has alone. */
export function Comparison({ difference, names }: { difference: RunDifference; names: readonly [string, string] }) {
  const { pairs } = difference;
  const { settings, verdicts, reasons, cost, variety } = differenceRows(difference);
  return (
    <>
      <Sides title="Settings that differ" names={names} none="They are the same." rows={settings} />
      <Sides title="Pairs" names={names} none="There are none." rows={verdicts} />
      <Sides title="Why pairs were not accepted" names={names} none="All were." rows={reasons} />
      <Sides title="What it cost" names={names} none="Nothing was paid for." rows={cost} />
      <Sides title="How varied it is" names={names} none="There are no figures of either." rows={variety} />
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

function Sides({
  title,
  names,
  rows,
  none,
}: {
  title: string;
  names: readonly [string, string];
  rows: readonly DifferenceRow[];
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
