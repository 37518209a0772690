import { agreementText, dollarsText } from "@rag-instruct/core";
import type { Summary } from "../../app/api.ts";
import { type ViewerRoute, viewerHref } from "../viewer-hooks.ts";
import { Foreign } from "./foreign.tsx";

const count = (value: number) => value.toLocaleString("en");
const percent = (share: number) => `${Math.round(100 * share)}%`;

/** A run that is at work: how far it is, and the button that stops it. */
export function Live({ summary, onStop }: { summary: Summary; onStop: () => void }) {
  const { isAtWork, canStop, stages, replies, perSecond, spent } = summary.live;
  if (!isAtWork) return null;
  const done = stages.map(({ name }) => name);
  const dollars = spent.usd > 0 ? ` · ${dollarsText(spent.usd)}` : "";
  return (
    <section class="card live" aria-label="The run at work" role="status">
      <p>
        <strong>This run is at work.</strong> {done.length > 0 ? `Done: ${done.join(", ")}. ` : ""}
        {`${count(replies)} replies · ${perSecond.toFixed(1)} a second · ${count(spent.inputTokens + spent.outputTokens)} tokens${dollars}`}
      </p>
      {canStop && (
        <button type="button" onClick={onStop}>
          Stop the run
        </button>
      )}
    </section>
  );
}

/** Wanted and made by paradigm, with what is short in plain sight. */
export function Made({ summary, route }: { summary: Summary; route: ViewerRoute }) {
  const { wanted, paradigms } = summary;
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(paradigms)])];
  return (
    <section class="card">
      <h2>What was made</h2>
      <table class="made">
        <thead>
          <tr>
            <th scope="col">paradigm</th>
            <th scope="col">wanted</th>
            <th scope="col">accepted</th>
            <th scope="col">rejected</th>
            <th scope="col">failed</th>
            <th scope="col">left out</th>
          </tr>
        </thead>
        <tbody>
          {names.map((name) => {
            const { accepted = 0, rejected = 0, failed = 0, unassembled = 0 } = paradigms[name] ?? {};
            const short = (wanted[name] ?? 0) - accepted;
            return (
              <tr key={name}>
                <th scope="row">
                  <a href={viewerHref({ ...route, view: "review", filter: { paradigm: name }, open: undefined })}>
                    <Foreign text={name} />
                  </a>
                </th>
                <td>{wanted[name] === undefined ? "–" : count(wanted[name])}</td>
                <td>
                  {count(accepted)}
                  {short > 0 && <strong class="short">{` ${count(short)} short`}</strong>}
                </td>
                <td>{count(rejected)}</td>
                <td>{count(failed)}</td>
                <td>{count(unassembled)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p class="quiet">
        Rejected pairs failed a check, failed ones got no reply, and left-out ones found no noise documents or one that
        answers their question.
      </p>
    </section>
  );
}

/** Why pairs were not accepted, most frequent first. */
export function Reasons({ summary, route }: { summary: Summary; route: ViewerRoute }) {
  const reasons = Object.entries(summary.reasons).sort(([, a], [, b]) => b - a);
  return (
    <section class="card">
      <h2>Why pairs were not accepted</h2>
      {reasons.length === 0 ? (
        <p class="none">{summary.rows === 0 ? "Nothing was attempted." : "All were."}</p>
      ) : (
        <ul class="reasons">
          {reasons.map(([reason, number]) => (
            <li key={reason}>
              <a href={viewerHref({ ...route, view: "review", filter: { reason }, open: undefined })}>
                <Foreign text={reason} />
              </a>{" "}
              <span class="quiet">{count(number)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** What people have found so far. */
export function ReviewState({ reviews, rows }: Pick<Summary, "reviews" | "rows">) {
  const { reviewed, accepted, rejected, edited, reviewers, good, agreement } = reviews;
  return (
    <section class="card" aria-label="What people found" role="status">
      <h2>What people found</h2>
      {reviewed === 0 ? (
        <p class="none">Nobody has decided on a pair yet. A fair sample of 50 says how good the set is.</p>
      ) : (
        <>
          <p>
            <strong>{`${percent(good.share)} good as written`}</strong>
            {` (95% interval ${percent(good.low)} to ${percent(good.high)})`}
          </p>
          <p class="quiet">
            {`${count(reviewed)} of ${count(rows)} read by ${reviewers === 1 ? "one person" : `${reviewers} people`}: ${count(accepted)} accepted, ${count(rejected)} rejected, ${count(edited)} edited.`}
          </p>
        </>
      )}
      {agreement && (
        <p class="quiet">
          {`Two people agree on ${percent(agreement.observed)} of what both decided (${agreementText(agreement)}); of kappa 1 is perfect and 0 is chance.`}
        </p>
      )}
    </section>
  );
}
