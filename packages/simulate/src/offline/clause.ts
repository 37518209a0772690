/** A statement in the parts that a question turns round. */
export interface Clause {
  /** As it is written inside a sentence. */
  subject: string;
  /** What a question puts before the subject: "was", "did". */
  auxiliary: string;
  /** What then follows the subject: "open", "been built"; empty where the tail goes on. */
  verb: string;
  /** The predicate as it stands, without a time that leads or ends it. */
  predicate: string;
  /** What follows the auxiliary or the verb, without that time. */
  tail: string;
  /** When, for how long or how often, where the statement says so at its beginning or end. */
  time?: Time;
  /** The whole of it. */
  statement: string;
}

/** A time as a statement gives it. */
export interface Time {
  /** "in 1911", "at 7:40". */
  text: string;
  /** What asks for it. */
  ask: "When" | "Since when" | "Until when" | "How often" | "How long" | "Between which times";
  /** The year of something that happened once. */
  year?: number;
}

export const month = "(?:January|February|March|April|May|June|July|August|September|October|November|December)";
const year = String.raw`(?:1\d|20)\d{2}`;
const weekday = "(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?|weekdays|weekends|working days|public holidays)";
const clock = String.raw`(?:\d{1,2}[:.]\d{2}|noon|midnight|sunrise|sunset|dawn|dusk)`;
const day = String.raw`(?:\d{1,2} ${month}|${month} \d{1,2})(?:,? ${year})?`;
const moment = `(?:(?:the )?(?:beginning|middle|end|spring|summer|autumn|winter) of (?:${month}(?: ${year})?|${year})|${day}|${month} ${year}|${month}|${year}|${weekday}|${clock})`;
const count = String.raw`(?:\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|twelve)`;
const unit = "(?:year|month|week|day|night|hour|minute|second)s";
const timeSource = [
  `(?:in|on|at|since|until|during|in about|in early|in late) (?:the )?${moment}(?: and ${weekday})?`,
  `from (?:the )?${moment} (?:to|until) (?:the )?${moment}`,
  `between (?:the )?${moment} and (?:the )?${moment}`,
  `every (?:${month}|${weekday}|day|week|month|year|morning|evening|spring|summer|autumn|winter|(?:second|third|fourth|fifth|sixth|tenth|other) ${unit.replace("s", "")}|${count} ${unit})`,
  `(?:once|twice|(?:three|four|five|six) times) (?:a|every) (?:year|month|week|day|hour|season)`,
  `for ${count} ${unit}`,
].join("|");
const leading = new RegExp(`^(${timeSource}),? (?=\\S)`, "i");
const trailing = new RegExp(`(?:^| )(${timeSource})$`, "i");

const auxiliaries: ReadonlySet<string> = new Set("is are was were can may must will should".split(" "));
const be: ReadonlySet<string> = new Set(["is", "are", "was", "were"]);
const stoppers: ReadonlySet<string> = new Set(
  "that which who whom whose where when if because as than how what whether while although though until unless so to not no never nobody nothing none only nor neither cannot didn't doesn't don't isn't aren't wasn't weren't can't it he she they there and/or or".split(
    " ",
  ),
);
const openers: ReadonlySet<string> = new Set("a an the each every all our your most many several".split(" "));
const neverOpening =
  /^(?:in|on|at|for|from|with|by|to|when|whenever|if|as|after|before|since|during|while|because|although|though|unlike|under|within|without|between|beside|besides|behind|above|below|over|only|usually|often|sometimes|no|nobody|nothing|there|who|what|which|where|how|why|i|until|unless|of|inside|outside|along|across|around|depending|given|according|instead|rather|more|less|even|just|perhaps|maybe|yes|please|because|despite|whether|nor|thanks|hence|beyond|near|next|per|via|using|running)$/i;
const maxSubjectWords = 8;

/** Reads a sentence as one clause; undefined where that is not certain. `inner` gives a beginning as it is written inside a sentence. */
export function clauseOf(sentence: string, inner: (text: string, isPlural: boolean) => string): Clause | undefined {
  const lead = leading.exec(sentence)?.[1];
  const spoken0 = lead === undefined ? sentence : sentence.slice(lead.length).replace(/^,? /, "");
  // What is said beside, as of "Jonas Pelloway, a coal merchant, founded …", is left out.
  const behind = spoken0.replace(/^([^,]{3,60}), (?:an?|the|which|who|whose) [^,]{3,80}, /, "$1 ");
  const body = mainPart(behind);
  if (body === undefined) return undefined;
  const words = body.split(" ");
  const [first = ""] = words;
  if (neverOpening.test(first) || (finiteVerb(first)?.form === "base" && !/s$/.test(first))) return undefined;
  const at = verbAt(words, lead !== undefined);
  const opened = at === undefined ? undefined : openClause(words, at);
  if (at === undefined || opened === undefined || /\b(?:it|they|them)\b/.test(opened.tail)) return undefined;
  const finite = words[at]!;
  const spoken = words.slice(0, at).join(" ");
  const isPlural = ["are", "were", "do", "have", "can", "may", "must", "should", "will"].includes(opened.auxiliary);
  const subject = lead === undefined ? inner(spoken, isPlural) : spoken;
  const end = trailing.exec(opened.tail)?.[1];
  if (lead !== undefined && end !== undefined) return undefined;
  const tail = end === undefined ? opened.tail : opened.tail.slice(0, -end.length).trim();
  const text = end ?? (lead === undefined ? undefined : lowerStart(lead));
  const isPast = ["was", "were", "did", "had"].includes(opened.auxiliary);
  const predicate = [finite, ...(tail === "" ? [] : [tail])].join(" ");
  if (opened.verb === "" && tail === "") return undefined;
  return {
    ...{ subject, tail, predicate },
    auxiliary: opened.auxiliary,
    verb: opened.verb,
    time: text === undefined ? undefined : timeOf(text, isPast),
    statement: sentence,
  };
}

/** The question that a clause answers: "was the tower built of granite", with other words for its tail where given. */
export function turned({ auxiliary, subject, verb }: Clause, tail: string): string {
  return [auxiliary, subject, verb, tail].filter((part) => part !== "").join(" ");
}

/** The clause as a statement inside another, without its time. */
export function told({ subject, predicate }: Clause): string {
  return `${subject} ${predicate}`;
}

/** What stands before a side clause or a second predicate; undefined where commas part something else. */
function mainPart(text: string): string | undefined {
  const side = /, (?:which|who|where|and|but|while|whereas|so|when|although|though) /.exec(text);
  const main = side ? text.slice(0, side.index) : text;
  const words = main.split(" ");
  const second = words.findIndex((word, i) => i > 1 && /^(?:and|but)$/.test(word) && isFiniteForm(words[i + 1] ?? ""));
  const cut = second < 0 ? main : words.slice(0, second).join(" ");
  return cut
    .replace(/(\d),(?=\d{3})/g, "$1")
    .replace(new RegExp(`(\\d{1,2}), (?=${year})`, "g"), "$1 ")
    .includes(",")
    ? undefined
    : cut;
}

function isFiniteForm(word: string): boolean {
  const verb = finiteVerb(word);
  return auxiliaries.has(word) || word === "has" || word === "have" || (verb !== undefined && verb.form !== "base");
}

/** Where the finite verb is; undefined where there is none, or two that could be it. */
function verbAt(words: readonly string[], isLed: boolean): number | undefined {
  const isName = isLed || /^[\p{Lu}\d`]/u.test(words[0]!);
  for (let at = 1; at < Math.min(words.length, maxSubjectWords + 1); at++) {
    const word = words[at]!;
    if (stoppers.has(word.toLowerCase())) return undefined;
    const before = words[at - 1]!.toLowerCase();
    if (openers.has(before) || /^(?:of|in|for|at|on|with|from|by|and)$/.test(before)) continue;
    if (auxiliaries.has(word) || word === "has" || word === "have" || word === "had")
      return isName && isNounPhrase(words.slice(0, at)) ? at : undefined;
    const verb = finiteVerb(word);
    if (!verb || /^\p{Lu}/u.test(word)) continue;
    if (verb.form === "base" && !/[^s]s$|people$/.test(before)) continue;
    if (
      verb.form === "base" &&
      !/^(?:the|a|an|in|on|at|for|from|to|with|by|into|about|\d.*)$/.test(words[at + 1] ?? "")
    )
      continue;
    if (
      verb.form === "third" &&
      !/^(?:the|a|an|in|on|at|for|from|to|with|by|into|about|its|all|every|each|two|three|four|five|six|of|up|\d.*)$/.test(
        words[at + 1] ?? "the",
      )
    )
      continue;
    if (verb.form === "past" && laterFinite(words, at)) return undefined;
    return isName && isNounPhrase(words.slice(0, at)) ? at : undefined;
  }
  return undefined;
}

const conjunctions = /^(?:and|but|that|which|who|where|when|if|because|after|before|while|until|as|so|than)$/;

/** Whether another verb follows, so that the one before is a participle: "the ship built in 1912 was sold". */
function laterFinite(words: readonly string[], at: number): boolean {
  for (let i = at + 1; i < words.length; i++) {
    if (conjunctions.test(words[i]!)) return false;
    if (auxiliaries.has(words[i]!) || words[i] === "has" || words[i] === "had") return true;
  }
  return false;
}

function isNounPhrase(words: readonly string[]): boolean {
  const [first = ""] = words;
  if (words.length > maxSubjectWords || words.some((word) => /,/.test(word))) return false;
  if (
    words.some(
      (word, i) => i > 0 && /ly$|^(?:not|is|are|was|were|its|their|when|while|one|ones|others?|rest)$/.test(word),
    )
  )
    return false;
  return words.length > 1 || /^\p{Lu}|^`|s$/u.test(first);
}

/** The auxiliary of a clause and what it leaves of the verb. */
function openClause(
  words: readonly string[],
  at: number,
): { auxiliary: string; verb: string; tail: string } | undefined {
  const finite = words[at]!;
  const [next = "", ...others] = words.slice(at + 1);
  const tail = [next, ...others].join(" ").trim();
  if (
    /^(?:not|never|no|also|only|nothing|nobody|neither|hardly|rarely)$/.test(next) ||
    /\b(?:not|never|nor|no one)\b/.test(tail)
  )
    return undefined;
  if (auxiliaries.has(finite)) return { auxiliary: finite, verb: "", tail };
  const isPerfect = next === "been" || isParticiple(next);
  if (["has", "have", "had"].includes(finite) && isPerfect) return { auxiliary: finite, verb: "", tail };
  const verb = finite === "had" ? ({ base: "have", form: "past" } as const) : finiteVerb(finite)!;
  const auxiliary = { past: "did", third: "does", base: "do" }[verb.form];
  return { auxiliary, verb: verb.base, tail };
}

function timeOf(text: string, isPast: boolean): Time {
  const [first = ""] = text.toLowerCase().split(" ");
  const years = text.match(new RegExp(year, "g")) ?? [];
  const asks: Record<string, Time["ask"]> = {
    since: "Since when",
    until: "Until when",
    every: "How often",
    once: "How often",
    twice: "How often",
    for: "How long",
  };
  const ask = / times (?:a|every) /.test(text) ? "How often" : (asks[first] ?? "When");
  const isPoint = isPast && years.length === 1 && /^(?:in|on|during)$/.test(first);
  return { text, ask, year: isPoint ? Number(years[0]) : undefined };
}

/** Whether a clause says what something is by a form of "to be". */
export function isOfBeing({ auxiliary }: Clause): boolean {
  return be.has(auxiliary);
}

/** The first letter small. */
export function lowerStart(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** The first letter large. */
export function upperStart(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The forms of a verb that a question needs. */
interface Verb {
  base: string;
  /** Which form this is. */
  form: "base" | "third" | "past";
}

const regular =
  "talk click select email contact request reference open close start end serve carry measure work use need require allow provide support offer contain include cover connect combine handle manage create add remove return accept receive follow join visit repair paint describe survey extend found establish elect appoint employ train move live die marry study arrive sail land fish rest nest nestle winter breed hatch vary depend rely apply belong consist exist remain stay last cross reach enter pass travel transport deliver produce publish print record report collect store load save process convert parse render wrap implement inherit define declare configure enable disable validate check test compare match filter sort search index embed retrieve rank score call invoke trigger emit stream fetch respond submit approve review sign owe charge earn protect preserve replace restore renew cause prevent reduce increase raise lower improve change turn play act perform compose direct star feature defeat host attend celebrate mark honor honour name discover invent design develop launch introduce release abandon destroy damage kill rescue guard watch burn display track monitor count list schedule plan organize organise ask answer explain represent govern rule own hire rent borrow donate plant harvest cook bake brew boil melt flow drain pump supply generate power heat cool sound signal flash warn help assist advise guide attach mount".split(
    " ",
  );
// Base, past; the third person is regular.
const irregular =
  "begin:began build:built rebuild:rebuilt become:became bring:brought buy:bought catch:caught choose:chose come:came cost:cost draw:drew drive:drove fall:fell feed:fed find:found fly:flew freeze:froze get:got give:gave go:went grow:grew hang:hung have:had hide:hid hold:held keep:kept lay:laid lead:led learn:learned leave:left lend:lent let:let lie:lay light:lit lose:lost make:made mean:meant meet:met overlook:overlooked pay:paid put:put read:read ring:rang rise:rose run:ran say:said see:saw sell:sold send:sent set:set shine:shone show:showed shut:shut sing:sang sink:sank sit:sat speak:spoke spend:spent stand:stood sweep:swept swim:swam take:took teach:taught tell:told throw:threw win:won write:wrote";

// The last consonant is doubled behind one stressed vowel.
const doubled: ReadonlySet<string> = new Set(
  "plan run win sit stop map rip zip ship submit emit begin drop trap pop hop".split(" "),
);

const forms = new Map<string, Verb>();
for (const base of regular) {
  forms.set(base, { base, form: "base" });
  forms.set(thirdOf(base), { base, form: "third" });
  forms.set(pastOf(base), { base, form: "past" });
}
for (const [base = "", past = ""] of irregular.split(" ").map((pair) => pair.split(":"))) {
  forms.delete(pastOf(base));
  forms.set(base, { base, form: "base" });
  forms.set(thirdOf(base), { base, form: "third" });
  if (past !== base) forms.set(past, { base, form: "past" });
}
forms.set("has", { base: "have", form: "third" });
// "Found" is of finding and of founding.
forms.set("found", { base: "find", form: "past" });

const participles: ReadonlySet<string> = new Set(
  "been begun become bought brought built rebuilt caught chosen come cost cut done drawn driven eaten fallen fed flown forbidden forgotten found frozen given gone grown held hidden hung hurt kept known laid led left lent let lit lost made meant met mown paid put read ridden risen run rung said seen sent set shown shut sold spent split spoken spread stolen sung sunk swept swum taken taught thrown told torn understood won worn woven written".split(
    " ",
  ),
);

/** The verb that a word is a finite form of, or may be. */
export function finiteVerb(word: string): Verb | undefined {
  return forms.get(word.toLowerCase());
}

/** Whether a word may be a participle of the past. */
export function isParticiple(word: string): boolean {
  return participles.has(word.toLowerCase()) || (/[a-z]{2}ed$/.test(word) && !/eed$/.test(word));
}

function thirdOf(base: string): string {
  if (/(?:s|x|z|ch|sh|o)$/.test(base)) return `${base}es`;
  return /[^aeiou]y$/.test(base) ? `${base.slice(0, -1)}ies` : `${base}s`;
}

function pastOf(base: string): string {
  if (base.endsWith("e")) return `${base}d`;
  if (/[^aeiou]y$/.test(base)) return `${base.slice(0, -1)}ied`;
  return doubled.has(base) ? `${base}${base.at(-1)}ed` : `${base}ed`;
}
