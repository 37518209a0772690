import type { RunDifference } from "../../app/api.ts";
import { Foreign } from "./foreign.tsx";

// What was not set is null when it has come as JSON.
const shown = (value: unknown) => (value === undefined || value === null ? "none" : JSON.stringify(value));

/** Two runs side by side: settings, counts, reasons, cost, and the accepted pairs that one has alone. */
export function Comparison({ difference, names }: { difference: RunDifference; names: readonly [string, string] }) {
  const { settings, counts, reasons, pairs } = difference;
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
