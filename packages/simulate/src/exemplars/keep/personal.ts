import { anyOf, type Rule } from "./view.ts";

const tastes = anyOf([
  /\b(?:what|who|which)(?:'s| is| are| was)? your (?:\w+ )?(?:favou?rite|opinion|view|hobb(?:y|ies)|dream|mood|plans?|wish|fear|thoughts?|take)\b|\byour (?:all-time )?favou?rite\b/i,
  /\bdo you (?:personally )?(?:like|love|hate|think (?:about me|i|you|we)|believe in|want|feel|prefer|dream|agree|enjoy|remember|miss|get (?:bored|tired|lonely)|ever|know me|wish)\b/i,
  /\bwhat do you (?:think (?:about|of) (?:me|my|us|yourself)|feel|want|like|prefer|enjoy|look like)\b|\bhow do you feel\b|\bwould you (?:rather|like|ever|date|marry)\b|\bare you (?:happy|sad|bored|tired|angry|lonely|okay|single)\b/i,
  /\bguess (?:what|who|my|which)\b|\bwhat am i (?:thinking|wearing|doing|holding)\b|\bwhat should i (?:wear|eat|cook|watch|do) (?:today|tonight|now|for (?:lunch|dinner|breakfast))\b|\bi(?:'|’)?m (?:so |very |really )?bored\b/i,
  /\bwhat (?:would|will) you (?:do|say|choose|buy|be)\b|\bwhat you would do\b|\b(?:a time|a situation|an occasion|a moment) (?:when|where|in which) you\b|^describe (?:your|yourself)\b/i,
]);

const feelings = anyOf(
  [
    /\bi(?:'m| am| feel|'ve been feeling| have been feeling| am feeling)(?: \w+){0,2} (?:sad|lonely|depressed|happy|angry|bored|upset|hopeless|heartbroken|scared|worthless|jealous|unhappy|miserable|in love)\b/i,
    /\b(?:my|an|the) (?:ex(?:-\w+)?|girl ?friend|boy ?friend|crush|best friend|wife|husband|partner|roommate|parents|mom|mother|dad|father|sister|brother|boss|co-?worker|colleague)s? (?:left|dumped|broke up|cheated|is mad|hates?|ignores?|ignored|is angry|won'?t|doesn'?t|does not|don'?t|yelled|lied)\b/i,
    /\b(?:had a (?:fight|row|quarrel|argument) with|broke up with|in love with|crush on|how (?:do|can|should) i (?:get|make|tell|ask) (?:him|her|my (?:crush|ex|girlfriend|boyfriend)))\b/i,
    /^should i (?:go to|text|call|tell (?:him|her|my)|ask (?:him|her)|break up|forgive|marry|date|wear|stay (?:at )?home|quit my|dump|apologi[sz]e)\b/i,
  ],
  "text",
);

/** Asks for taste, company or comfort, which no document holds. */
export const isPersonal: Rule = (view) => tastes(view) ?? (view.words.length <= 120 ? feelings(view) : undefined);
