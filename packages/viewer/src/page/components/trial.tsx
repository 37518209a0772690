import { useEffect, useState } from "preact/hooks";
import type { TrialInstructions, TrialPrice, TriedPair } from "../../app/api.ts";
import { pricedText, server } from "../viewer-client.ts";
import { onceTyped, whileAsked } from "../viewer-hooks.ts";
import { Foreign } from "./foreign.tsx";
import { PairDetail } from "./pair.tsx";

/** Trying a run before it is paid for: a pair of each paradigm, other instructions, once more, and then the rest. */
export function Trial({ instructions, report }: { instructions: TrialInstructions; report: (error: unknown) => void }) {
  const [texts, setTexts] = useState(instructions);
  const [priced, setPriced] = useState<{ texts: TrialInstructions; price: TrialPrice }>();
  const [pairs, setPairs] = useState<readonly TriedPair[]>();
  const [isBusy, setBusy] = useState(false);
  const [kept, setKept] = useState<{ file: string; command: string }>();
  // What was asked for other texts is the price of nothing from the first letter on.
  const price = priced?.texts === texts ? priced.price : undefined;
  const ask = () => server.price(texts).then((price) => setPriced({ texts, price }), report);
  useEffect(() => {
    setKept(undefined);
    return onceTyped(() => [whileAsked(server.price(texts), (price) => setPriced({ texts, price }), report)]);
  }, [texts]);
  const make = () => {
    if (!price || isBusy) return;
    setBusy(true);
    server
      .make(texts, price.line)
      .then(setPairs, (error) => {
        report(error);
        return ask();
      })
      .finally(() => setBusy(false));
  };
  const own = Object.keys(instructions).filter((id) => id !== "");
  const field = (id: string) => (
    <textarea
      id={id === "" ? "instructions" : `instructions-${id}`}
      rows={id === "" ? 3 : 2}
      value={texts[id]}
      onInput={({ currentTarget: { value } }) => setTexts((now) => ({ ...now, [id]: value }))}
    />
  );
  return (
    <>
      <section class="card trial" aria-label="Try it before you pay for it">
        <h2>Try it before you pay for it</h2>
        <label for="instructions">
          What every prompt asks for beside the method's own words, such as "Ask as a customer would."
        </label>
        {field("")}
        {own.length > 0 && (
          <details open={own.some((id) => instructions[id] !== "")}>
            <summary>Of one paradigm alone</summary>
            {own.map((id) => (
              <p key={id}>
                <label for={`instructions-${id}`}>{id}</label>
                {field(id)}
              </p>
            ))}
          </details>
        )}
        <p class="quiet" role="status">
          {price ? price.line : "Reckoning…"}
        </p>
        <div class="actions">
          <button type="button" class="accept" disabled={!price || isBusy} onClick={make}>
            {isBusy
              ? "Making…"
              : price
                ? pricedText(
                    `${pairs ? "Try again: make" : "Make"} ${price.pairs === 1 ? "one pair" : `${price.pairs} pairs`}`,
                    price,
                  )
                : "…"}
          </button>
          {pairs && (
            <button type="button" disabled={isBusy} onClick={() => server.keep(texts).then(setKept, report)}>
              Make the rest
            </button>
          )}
        </div>
        {kept && (
          <div class="given">
            <p>
              <Foreign
                text={`${kept.file} is written. This makes the rest, and does not pay again for what was tried:`}
              />
            </p>
            <pre>
              <Foreign text={kept.command} />
            </pre>
            {price && <p class="quiet">{`In all: ${price.whole}`}</p>}
          </div>
        )}
      </section>
      {pairs?.map((pair) => (
        <article class="card tried" key={pair.id} aria-label="Tried pair">
          <PairDetail pair={pair} isHeading={false} />
        </article>
      ))}
    </>
  );
}
