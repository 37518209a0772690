/** A figure with its unit, as it stands in a text. */
export interface Figure {
  /** With scale words applied: "1.2 million" is 1200000. Per cent are not turned into shares. */
  value: number;
  /** Before scale words. */
  mantissa: number;
  /** What the scale word stands for; 1 without one. */
  scale: number;
  /** Digits after the point. */
  decimals: number;
  unit?: "percent" | "currency";
  /** Where it starts. */
  at: number;
}

const scales: Readonly<Record<string, number>> = {
  hundred: 1e2,
  thousand: 1e3,
  k: 1e3,
  million: 1e6,
  mn: 1e6,
  m: 1e6,
  billion: 1e9,
  bn: 1e9,
  b: 1e9,
  trillion: 1e12,
  tn: 1e12,
};
const figure =
  /(\()?\s?([-–−+])?\s?([$€£¥]|\b(?:usd|eur|gbp)\s)?\s?([-–−])?(?<!\d)(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(e[+-]?\d+)?\s?(hundred|thousand|million|billion|trillion|mn|bn|tn|[kmb]|[x×])?(?![\p{L}\d])\s?(%|percent\b|per cent\b|pct\b|percentage points?\b|basis points?\b|bps?\b)?(\))?/giu;

/** Every figure of a text, in order; a digit inside a word, such as "Q4", does not count. */
export function figuresOf(text: string): Figure[] {
  const figures: Figure[] = [];
  for (const match of text.matchAll(figure)) {
    const [whole, open, sign, currency, innerSign, digits = "", exponent = "", scaleWord = "", percent, close] = match;
    const digitsAt = match.index + whole.indexOf(digits);
    if (/[\p{L}\d_]$/u.test(text.slice(Math.max(0, digitsAt - 2), digitsAt))) continue;
    const isNegative = isMinus(text, match.index + whole.indexOf(sign ?? ""), sign) || innerSign !== undefined;
    const isBracketed = open !== undefined && close !== undefined && bracketsAlone.test(whole.trim());
    // A basis point is a hundredth of a per cent.
    const isBasisPoints = percent !== undefined && /^b/i.test(percent);
    const size = Number(digits.replaceAll(",", "") + exponent) / (isBasisPoints ? 100 : 1);
    const mantissa = isNegative || isBracketed ? -size : size;
    const scale = scales[scaleWord.toLowerCase()] ?? 1;
    const unit = percent ? "percent" : currency ? "currency" : undefined;
    figures.push({
      mantissa,
      scale,
      value: mantissa * scale,
      decimals: (digits.includes(".") ? digits.length - digits.indexOf(".") - 1 : 0) + (isBasisPoints ? 2 : 0),
      at: digitsAt,
      unit: unit || undefined,
    });
  }
  return figures;
}

// Accountants write a loss in brackets.
const bracketsAlone = /^\(\s?[$€£¥]?\s?[\d.,]+\s?(?:%|[a-z]+)?\)$/i;

/** Whether a sign makes a figure negative: it does not where it joins or subtracts, as in "2013-2014" and "5 - 3". */
function isMinus(text: string, at: number, sign: string | undefined): boolean {
  if (sign === undefined || sign === "+") return false;
  if (/[\p{L}\d)%]$/u.test(text.slice(0, at))) return false;
  return !(/[\d)%]\s$/.test(text.slice(0, at)) && text[at + 1] === " ");
}

/**
 * Whether two figures agree: to the precision of the one written with fewer decimals, and no worse than 1% of the gold.
 * Per cent agree with the share they stand for; a unit or scale may be left out, but not contradicted.
 */
function figuresAgree(gold: Figure, answer: Figure): boolean {
  if (gold.unit && answer.unit && gold.unit !== answer.unit) return false;
  const decimals = Math.min(gold.decimals, answer.decimals);
  if (isClose(gold.value, answer.value, decimals)) return true;
  const isScaleLeftOut = gold.scale === 1 || answer.scale === 1;
  if (isScaleLeftOut && isClose(gold.mantissa, answer.mantissa, decimals)) return true;
  // A report's tables are in units, thousands or millions, and an answer is rounded in its own scale.
  const tables = gold.scale === 1 && answer.scale > 1 && gold.unit !== "percent" ? [1, 1e3, 1e6] : [];
  if (tables.some((table) => isClose((gold.value * table) / answer.scale, answer.mantissa, answer.decimals)))
    return true;
  if (answer.unit === "percent" && gold.unit === undefined) return isShare({ share: gold, percent: answer });
  if (gold.unit === "percent" && answer.unit === undefined) return isShare({ share: answer, percent: gold });
  return false;
}

function isShare({ share, percent }: { share: Figure; percent: Figure }): boolean {
  return isClose(share.value * 100, percent.value, Math.min(Math.max(0, share.decimals - 2), percent.decimals));
}

function isClose(gold: number, answer: number, decimals: number): boolean {
  const difference = Math.abs(gold - answer);
  const slack = 1e-9 * Math.max(1, Math.abs(gold));
  if (difference <= slack) return true;
  if (difference > 0.01 * Math.abs(gold)) return false;
  // Rounding costs half a unit of the last place that both write, cutting off nearly a whole one towards zero.
  const unit = 10 ** -decimals;
  const isCut = Math.sign(answer) === Math.sign(gold) && Math.abs(answer) < Math.abs(gold) && difference < unit;
  return difference <= unit / 2 + slack || isCut;
}

const decrease = /\b(?:decreas|declin|drop|fell|fall|reduc|lower|loss|down|less|negative|minus)/i;
/** A figure that a word of loss stands right before: "a decrease of 13%", "fell by 13%", "down 13%". */
const lossOf =
  /\b(?:(?:decrease|decline|drop|fall|reduction|loss) of|(?:decreased|declined|dropped|fell|reduced|down)(?: by)?)(?: (?:about|around|approximately|roughly|some|nearly|only))?[\s($€£¥~≈-]*$/i;
const conclusion =
  /(?:\b(?:answer|result|total)\b[^.\n]{0,40}?\b(?:is|was|of)\b|answer\s*:|=|≈|\b(?:therefore|thus|hence)\b,?)/gi;
/** What comes before the figure that a conclusion is about: "therefore, in 2019, the revenue was". */
const copula = /\b(?:is|was|were|are|be|equals?|of|by|to)\b|[:=≈]/i;

/** What stands before a figure that another is compared with: "up from 20", "against 15 a year before". */
const comparing = /\b(?:from|than|against|versus|vs\.?|compared (?:to|with)|relative to)[\s($€£¥~≈-]*$/i;

/**
 * Whether an answer states a gold figure: the one that its last conclusion ("the answer is", "therefore … was", "=") ends in, else any
 * of its figures. Years and figures that are compared with are none where there are others. A loss may be stated in words: "a decrease of 13%" is -13%,
 * and 13% only where the question asks for a decrease.
 */
export function statesFigure(output: string, gold: Figure, { question = "" }: { question?: string } = {}): boolean {
  const figures = figuresOf(output);
  const cue = Array.from(output.matchAll(conclusion)).at(-1);
  const concluded = cue ? concludedFigures(output, figures, cue.index + cue[0].length) : [];
  const candidates = concluded.length > 0 ? concluded.slice(0, 1) : statedFigures(output, figures);
  return candidates.some((answer) => {
    const isLoss = answer.value > 0 && lossOf.test(output.slice(Math.max(0, answer.at - 60), answer.at));
    if (gold.value > 0 && isLoss && !decrease.test(question)) return false;
    if (figuresAgree(gold, answer)) return true;
    return gold.value < 0 && answer.value > 0 && decrease.test(output) && figuresAgree(negated(gold), answer);
  });
}

/** Figures behind a conclusion; the ones behind "was" and the like before those in passing, and years last. */
function concludedFigures(output: string, figures: readonly Figure[], from: number): Figure[] {
  const behind = figures.filter(({ at }) => at >= from);
  const verb = copula.exec(output.slice(from));
  const start = verb ? from + verb.index + verb[0].length : from;
  const isPassing = (each: Figure) => isYear(each) || each.at < start;
  return [...behind.filter((each) => !isPassing(each)), ...behind.filter(isPassing)];
}

/** Figures that may be the answer: years and what is compared with where there is nothing else. */
function statedFigures(output: string, figures: readonly Figure[]): readonly Figure[] {
  const isStated = (each: Figure) => !isYear(each) && !comparing.test(output.slice(Math.max(0, each.at - 20), each.at));
  const stated = figures.filter(isStated);
  return stated.length > 0 ? stated : figures;
}

function isYear({ value, unit, scale, decimals }: Figure): boolean {
  return (
    unit === undefined && scale === 1 && decimals === 0 && Number.isInteger(value) && value >= 1800 && value <= 2100
  );
}

function negated(gold: Figure): Figure {
  return { ...gold, value: -gold.value, mantissa: -gold.mantissa };
}
