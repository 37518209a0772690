// By the name in the singular, as the stemmer leaves it.
const symbols: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "%": "percent percentage prozent pourcent procent pct %",
    km: "kilometre kilometer km",
    m: "metre meter m",
    cm: "centimetre centimeter cm",
    mm: "millimetre millimeter mm",
    mi: "mile mi",
    ft: "foot feet ft",
    in: "inch inche",
    kg: "kilogram kilogramme kilo kg",
    g: "gram gramme g",
    t: "tonne t",
    l: "litre liter l",
    s: "second sec s",
    ms: "millisecond ms",
    min: "minute min",
    h: "hour hr h",
    year: "year yr",
    kb: "kilobyte kb",
    mb: "megabyte mb",
    gb: "gigabyte gb",
    tb: "terabyte tb",
    kw: "kilowatt kw",
    mw: "megawatt mw",
    hz: "hertz hz",
    usd: "dollar usd $",
    eur: "euro eur €",
    gbp: "gbp £",
    jpy: "yen jpy ¥",
    "°": "degree °",
  }).flatMap(([symbol, names]) => names.split(" ").map((name): [string, string] => [name, symbol])),
);

// Shorter names are units behind a number alone.
const shortestName = 4;

/** The symbol of a unit whatever it is called, or undefined; a short name is one only behind a number. */
export function unitSymbol(name: string, { followsNumber = true } = {}): string | undefined {
  return followsNumber || name.length >= shortestName ? symbols.get(name) : undefined;
}
