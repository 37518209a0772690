import { worksOnGivenText } from "./given-text.ts";
import { anyOf, type InstructionView, pattern, type Rule } from "./rule.ts";
import {
  alarms,
  amounts,
  attachments,
  closePeople,
  codingVerbs,
  comparisons,
  computedThings,
  dataStructures,
  developerObjects,
  developerWords,
  deviceCommands,
  inventions,
  kindsOfAssistants,
  languagesThatAreWords,
  letterGames,
  literaryAdjectives,
  literaryPieces,
  moods,
  music,
  numberWords,
  orderVerbs,
  otherWorks,
  pictures,
  programmingLanguages,
  programmingThings,
  programmingVerbs,
  programs,
  provableThings,
  quarrels,
  roles,
  smallTalkPieces,
  solvableThings,
  solvingVerbs,
  systems,
  thePresent,
  topicNouns,
  wishfulPhrases,
  wordGames,
} from "./word-lists.ts";

/** Why the rules of a topic are against an instruction. */
export type TopicReason =
  | "greeting"
  | "role-play"
  | "code"
  | "puzzle"
  | "maths"
  | "given-text"
  | "tools"
  | "creative"
  | "personal";

// Pieces of small talk; an instruction made of nothing else asks for nothing.
const smallTalk = new RegExp(`(?:${smallTalkPieces})(?:[\\W_]+|$)`, "iy");

/** Reads piece after piece and never goes back: "how are you today" has two readings, and its repetition as many as a power of two. */
function isSmallTalk(text: string): boolean {
  smallTalk.lastIndex = text.search(/[^\W_]/);
  if (smallTalk.lastIndex < 0) return false;
  while (smallTalk.test(text)) if (smallTalk.lastIndex === text.length) return true;
  return false;
}

// Questions to the assistant about itself.
const aboutTheAssistant = anyOf([
  /\b(?:who|what) (?:are|r) (?:you|u)(?! (?:looking|going|doing about|supposed))\b/i,
  /\bwhat(?:'?s| is| should i call)? ?(?:your|ur) (?:full )?(?:name|purpose|version|model|knowledge cut-?off|training data|gender|age)\b/i,
  /\bwhat (?:can|could) you do\b|\bwhat are your (?:capabilities|limits|limitations|abilities|features)\b/i,
  /\bwho (?:made|created|built|trained|developed|designed|programmed|owns|is behind) (?:you|u)\b|\bwho(?:'s| is| are| was| were)? your (?:creator|developer|maker|owner|author)s?\b/i,
  pattern`\b(?:are|r) (?:you|u) (?:an? )?(?:\w+ )?(?:${kindsOfAssistants})\b`,
  /\bdo you (?:have|possess|experience) (?:a |any )?(?:feelings|emotions|consciousness|name|a name|gender|body|soul|memory|access)\b/i,
  /\b(?:tell me|talk|say something|introduce)(?: a (?:bit|little))?(?: more)? about yourself\b|\bintroduce yourself\b|\bwhere (?:are|do) you (?:from|live|come from)\b|\bhow old are you\b/i,
  /\b(?:which|what) (?:ai |language )?(?:model|version)(?: of \S+)? are you\b|\bwhat (?:model|ai) is this\b/i,
]);

/** Small talk, and questions to the assistant about itself. */
export const isGreeting: Rule = (view) =>
  isSmallTalk(view.text) ? "it is small talk alone" : view.words.length <= 40 ? aboutTheAssistant(view) : undefined;

/** Gives the model a part to play, or tries to talk it out of its own. */
const isRolePlay = anyOf(
  [
    /\b(?:i want you to|i need you to|you (?:will|shall|should|must|are going to)|please|pls|can you|could you|let'?s|^|[.!:\n"“])[^\S\n]*(?:now )?(?:act|behave|respond|answer|talk|speak|reply|write) (?:as|like)(?: if)?(?: you(?:'re| are| were))?(?: an?| the| my)\b/im,
    /\b(?:[Aa]ct|[Bb]ehave|[Rr]espond|[Aa]nswer|[Tt]alk|[Ss]peak|[Rr]eply) (?:as|like) [A-Z][a-z]+/,
    /\b(?:consider|picture|imagine|envision|see) yourself\b|\bif you were (?:an? |the |in )|\b(?:embody|embrace|adopt|channel) (?:the |a )?(?:role|persona|character|spirit|voice|identity)\b/i,
    /(?:^|[.!\n])[^\S\n]*as (?:an?|the) [^,.!?\n]{3,50}, (?:[^.?!\n]{0,60}\b(?:would|do|did|have|are|were|will|can|should) you\b|(?:describe|tell|share|introduce|explain|write)\b[^.?!\n]{0,30}\byour\b)/i,
    /\b(?:role[- ]?play(?:ing)?|play the (?:role|part)|take (?:on )?the (?:role|persona)|assume the (?:role|identity|persona)|(?:stay|remain|be|speak) in character|never (?:leave|break) (?:your )?(?:role|character)|impersonate|your (?:persona|character) (?:is|will be))\b/i,
    /\b(?:pretend|imagine|suppose|act like|say|assume)(?: that)? (?:you(?:'re| are| were)|to be|yourself)\b/i,
    /(?:^|[.!\n"“])[ \t]*(?:you are|you're|you will be|u are) (?:now )?(?:an? |the |my |called |named |playing |going to be )?(?!(?:given|asked|told|likely|right|wrong|free|planning|travell?ing|correct|at risk|in \w+|on \w+)\b)[A-Za-z]/m,
    /\b(?:ignore|disregard|forget) (?:all |any |your |the |every)*(?:previous|prior|above|earlier|instructions|rules|guidelines|programming)\b/i,
    /\b(?:do anything now|jailbreak\w*|developer mode|DAN mode|without any (?:moral|ethical|rules|limits|restrictions|filters?)|no (?:rules|restrictions|moral|ethical|filters?) (?:and|or|at all|what)|unfiltered|uncensored|evil ?bot)\b/i,
    pattern`\b(?:text adventure|text-based (?:game|adventure|rpg)|dungeon master|game master|be my (?:${roles})|let'?s play|simulate (?:a|an|the) (?:conversation|terminal|interview|chat|game|character))\b`,
    /\bfrom now on,? (?:you|your|answer|respond|act)\b/i,
  ],
  "text",
);

// Names that are words of their own too: they count after a preposition and with a capital alone.
const capitalized = new RegExp(
  String.raw`\b(?:in|using|with|use) (?:an? |the )?(?:${languagesThatAreWords})(?:\b|\/)(?! (?:literature|culture|Island))`,
);
// A language's name ends where no letter, plus or hash follows: "\b" would not see the end of C++.
const languageEnd = "(?![\\w+#])";

const shapes = anyOf(
  [
    /```|<\/?(?:div|html|body|script|span|table|head|form|input|style|button)\b[^>]*>/i,
    /\b(?:def|function|fn|func)\s+\w+\s*\(|\bclass\s+\w+\s*[:{(]|^[ \t]*(?:import|from)\s+\w+(?:\.\w+)*(?:\s+import\b|\s*;|\s*$)|#include\s*<|\bpublic\s+(?:static|class|void)\b|\bconsole\.log\b|\bSystem\.out\b|\bprintf?\s*\(/m,
    /(?:=>|\)\s*\{|\};|;[^\S\n]*\n.*;[^\S\n]*(?:\n|$)|\w\[['"\w]+\]\s*=|\b(?:const|let|var)\s+\w+\s*=|\b\w+\.\w+\([^()]{0,200}\)\s*(?:;|\.|\n|$))/,
    /\bSELECT\b[\s\S]{1,200}\bFROM\s+\w+|\bselect\b (?:\*|[\w.]+(?:, ?[\w.]+)*) from \w+(?: where\b|;)|\b(?:insert into \w+|CREATE TABLE|ALTER TABLE)\b/,
    /\bTraceback\b|\b\w*(?:Error|Exception):|\bstack ?trace\b|\bsegmentation fault\b|\bsyntax error\b|\bat [\w$.]+\([\w.]+:\d+\)/,
  ],
  "text",
);

const codeRequests = anyOf([
  pattern`\b(?:${codingVerbs})\b[^.?!\n]{0,60}?\b(?:in|using|with|an?|some|my|this|the|me)?\s*(?:${programmingLanguages})${languageEnd}[^.?!\n]{0,40}\b(?:${programmingThings})\b`,
  pattern`\b(?:${programmingVerbs})\b(?: me| us| out)?(?: an?| the| some| this| my| that| \d+)?(?: [\w-]+){0,3} (?:${programs})\b`,
  pattern`\b(?:${solvingVerbs})\b[^?!\n]{0,120}\b(?:in|using|with) (?:${programmingLanguages})${languageEnd}`,
  pattern`\bhow (?:do|can|could|should|would|to|does one)\b[^?\n]{0,100}\b(?:in|using|with|on) (?:an? |the |my )?(?:${programmingLanguages})${languageEnd}`,
  /\buse (?:one of )?(?:python|java|c|c\+\+|c#|go|rust|matlab)\b[^.?!\n]{0,30} to (?:solve|write|implement)/i,
  pattern`\b(?:${systems})\b[^?]{0,60}(?:\busing\b|from scratch|\bthat (?:allows|changes|lets))|\b(?:implement|build|create|write|design)\b(?: an?| the| my)?(?: [\w-]+){0,2} (?:${systems}|neural network from)\b`,
  /\b(?:regular expression|regex|regexp) (?:that|to|for|which|matching)\b/i,
  /\b(?:undo|revert|squash|rebase|amend)\b[^?\n]{0,40}\b(?:commit|branch|merge)s?\b|\bgit (?:commit|push|pull|merge|rebase|clone|checkout|reset|stash)\b/i,
  pattern`\bgiven (?:an?|the|two|a list of)(?: \w+)? ?(?:${dataStructures})\b[\s\S]{0,200}\b(?:return|find|determine|write|remove|print|implement|count)\b`,
  pattern`\b(?:${developerWords})\b[\s\S]*\b(?:error|fail\w*|fix|what do i do|set ?up|install)\b|\bhow\b[^?\n]{0,80}\b(?:${developerObjects})\b`,
  /\b(?:time complexity|space complexity|big o notation of)\b/i,
  /\b(?:excel|spreadsheet|google sheets) (?:formulas?|macros?|functions?)\b/i,
  /\bdebug\b|\b(?:explain|what does|what is) (?:what )?(?:this|the following|the below) (?:code|function|script|program|query|snippet|command)\b/i,
]);

const codeOrders =
  /\b(?:write|create|implement|solve|build|plot|print|develop|make|sort|read|parse|program|code|design|how (?:do|can|to|would)|loop|function)\b/i;
const namedLanguage = anyOf([capitalized], "text");
const inLanguage: Rule = (view) => (codeOrders.test(view.bare) ? namedLanguage(view) : undefined);

/** Asks for code, or about code that it shows. What is asked about computing as a subject stays. */
const asksForCode: Rule = (view) => shapes(view) ?? codeRequests(view) ?? inLanguage(view);

/** Wit and order instead of knowledge: riddles, odd ones out, analogies, sorting, games with letters. */
const isPuzzle = anyOf(
  [
    /\bwhat am i\s*\?|\bwho am i\s*\?|\briddle\b|\bbrain ?teaser\b|\blogic(?:al)? puzzle\b|\bpuzzle\b/i,
    /\bodd (?:one|word|man) out\b|\b(?:does|do|doesn'?t|don'?t) (?:not )?belong\b|\bis (?:different|not like) (?:from )?the (?:others?|rest)\b/i,
    pattern`\b(?:${letterGames})\b|\barrange (?:the|these|this) (?:words|letters|sentences|following|numbers|items)\b`,
    /\b(?:sort|order|put|arrange|rank|alphabeti[sz]e|organize)\b[^.?!\n]{0,40}\b(?:alphabetical|ascending|descending|(?:numerical|increasing|decreasing) order|alphabetically|chronological order)\b/i,
    /\b(?:is|are) to \w+(?: \w+)? (?:as|what) \w+ (?:is|are) to\b|\b\w+ ?: ?\w+ ?:: ?\w+/i,
    /\b(?:makes? (?:no|any|more|the most) sense|nonsensical|not logical|illogical|against common sense|more plausible|most plausible|more likely to happen)\b|\bsentence a\b[\s\S]*\bsentence b\b/i,
    /\b(?:next|missing) (?:number|letter|term|word|item|shape)s?\b[^.?!\n]{0,30}\b(?:sequence|series|pattern|list)\b|\bcomplete the (?:sequence|series|pattern|analogy)\b/i,
    /\b(?:a|[A-Z][a-z]+) is the (?:father|mother|brother|sister|son|daughter|wife|husband) of\b[\s\S]*\b(?:related|relationship|relation)\b|\bhow many (?:brothers|sisters|siblings|sons|daughters) does\b|\bsitting (?:in|around|at) a (?:circular|round|row)\b/i,
    pattern`\b(?:${wordGames})\b`,
    pattern`\b(?:lives? in|owns?) the (?:first|second|third|red|blue|green|yellow|white) (?:house|one|fish|car)\b|\bwho owns the \w+\?|\b(?:is|was) (?:taller|older|faster|heavier|shorter|younger|richer) than\b[\s\S]*\b(?:${comparisons})\b`,
  ],
  "text",
);

const expressions = anyOf(
  [
    /\d\s*[+*×÷^=]\s*\(?\d|(?<!\d)\d{1,3}\s+[-/]\s+\d{1,3}(?!\d)|\d\s*%\s*of\s*\d|\d\s*\^|[a-z]\s*\^\s*\d|\b\d*[a-z]\s*[+=]\s*\d|\b[a-z]\s*\(\s*\w\s*\)\s*=|\bd[a-z]\/d[a-z]\b|\b[a-z]\s*[+*-]\s*[a-z]\s*=|\d\s*[a-z]\s*[+-]\s*\d+\s*(?:[a-z]\s*)?=|[a-z]²|√|∫|∑|≤|≥/i,
    /\\(?:frac|sqrt|int|sum|lim|cdot|times|begin|left|mathbb?)\b|\$[^$\n=^\\_]*[=^\\_][^$\n]*\$/,
    /\(\s*\d*[a-z]\s*[+-]\s*\d+\s*\)\s*\(/i,
  ],
  "text",
);
const mathsRequests = anyOf([
  pattern`\b(?:solve|simplify|factor(?:i[sz]e)?|integrate|differentiate)\b[^.?!\n]{0,40}(?:\b(?:${solvableThings})\b|[=^]|\d)`,
  pattern`\b(?:calculate|compute|find|determine|evaluate|work out|what is|what's)\b[^.?!\n]{0,50}\b(?:${computedThings})\b`,
  /\b(?:calculate|compute)\b[^.?!]*\d/i,
  /\bsum up the numbers\b|\bmultiplication table\b/i,
  pattern`\bprove (?:that|the|by)\b[^.?!\n]*\b(?:${provableThings})\b|\bprove by induction\b`,
  /\bconvert \d\S*(?: \S+){0,2} (?:to|into)\b/i,
  /\b(?:round|multiply|divide|subtract|add)\b[^.?!\n\d]{0,80}\d[^.?!\n]{0,80}\b(?:by|to|from|and)\b[^.?!\n\d]{0,80}\d/i,
]);

/** A story with numbers that ends in a sum: two numbers or more that are no years, and a question for an amount. */
const wordProblem: Rule = ({ text }: InstructionView) => {
  const withoutYears = text.replace(/\b1[5-9]\d\d\b|\b20\d\d\b/g, "");
  const numbers = withoutYears.match(new RegExp(`\\b(?:\\d[\\d,.]*|${numberWords})\\b|\\$\\d`, "gi"))?.length ?? 0;
  const digits = withoutYears.match(/\d+/g)?.length ?? 0;
  const asked = text.match(
    pattern`\bhow (?:many|much|far|fast|long|old|tall|heavy)\b|\bwhat (?:is|was|will be|are|would be) (?:the|its|his|her|their) (?:\w+ ){0,3}(?:${amounts})\b|\bwhen (?:does|do|will) [^?]*\b(?:meet|catch up)\b`,
  )?.[0];
  const isStory = /[.,;:]\s|\bif\b|\band\b|\bthen\b/i.test(text);
  const isOfThings = /\bhow many \w+(?: \w+){0,2} (?:does|do|did|will|are left|were left|remain)\b/i.test(text);
  return asked && isStory && numbers >= 2 && (digits >= 1 || isOfThings)
    ? `it asks “${asked}” of ${numbers} numbers`
    : undefined;
};

/** Asks for a sum, a proof or a solution. What is asked about mathematics as a subject stays. */
const asksForMaths: Rule = (view) => expressions(view) ?? mathsRequests(view) ?? wordProblem(view);

/** Needs something that a model without tools has not: the web, the moment, a file, a device, a picture. */
const needsTools = anyOf(
  [
    /https?:\/\/\S+|\bwww\.\S+/i,
    /\b(?:search|browse|surf|google|look up)\b[^.?!\n]{0,20}\b(?:web|internet|online|google|website|for (?:the )?(?:latest|recent|current))\b/i,
    pattern`\b(?:draw|paint|sketch|render|photoshop)\b(?: me)?(?: an?| the| some| my)\b(?! (?:\w+ )?(?:conclusions?|comparisons?|parallels?|distinctions?|links?|connections?|inferences?|lines?|picture of (?:how|why|what)))|\b(?:generate|create|make|show|design|send|give)(?: me| us)?(?: an?| the| some| \d+)?(?: \w+){0,2} (?:${pictures})\b`,
    pattern`\b(?:set|create|start|cancel|snooze|add)(?: up)? (?:an?|the|my) (?:\w+ )?(?:${alarms})\b|\bremind me (?:to|at|in|about|of|on)\b`,
    /\b(?:send|forward|text|dial) (?:an? |the |my |him|her|them)?(?:[\w-]+ )?(?:e-?mail|message|text|sms|fax)?(?: to)? (?:my|mom|dad|to my|to \w+|john|him|her|them)\b|\bcall (?:my (?:mom|dad|wife|boss|husband)|mom|dad)\b/i,
    pattern`(?:^|\b(?:please|can you|could you)\s+)(?:play|pause|skip|shuffle)\b (?:some|the|my|me|a) ?(?:${music})|^(?:${deviceCommands}) (?:some|the|my|me|this|that)\b`,
    /(?:^|\b(?:please|you to)\s+)(?:book|order|reserve|buy|purchase|pay|schedule|rent|cancel)\b(?: me)?(?: an?| the| my| it| some)\b|\b(?:book|order|reserve|buy) (?:it|one|this|that|a \w+) for me\b|\bcan you (?:book|order|buy|reserve|schedule|pay|call|email|text) /i,
    /\bwhat(?:'s| is)? (?:the )?(?:current |exact )?(?:time|date|day)(?: is it)?(?: (?:now|today|right now|in \w+))?\s*\?*$|\bwhat day is (?:it|today)\b/i,
    pattern`\b(?:${thePresent})\b`,
    pattern`\b(?:${attachments})\b`,
    /\b(?:track my|check my|my (?:account|order|flight|calendar|inbox|bank account|location)|near me|nearest to me|translate this audio|text to speech|use the \w+ (?:tool|function|api))\b/i,
  ],
  "text",
);

// What is always made up, whoever asks for it by whatever verb.

/** Asks for something to be made up, where knowledge is no help: fiction, verse, letters, names, advertising. */
const asksForCreation = anyOf([
  makes(
    "write|compose|craft|draft|pen|invent|come up with|make up|make|brainstorm|create|generate|design|develop|think of|finish|continue|imagine|build|concoct|structure|construct|prepare",
    `${inventions}|${otherWorks}`,
  ),
  makes("suggest|tell|give|propose|provide|share|show", inventions),
  /\b(?:fictional|imaginary|made-up|invented|fantasy|sci-?fi|science fiction) (?:world|planet|language|kingdom|holiday|creature|religion|country|sport|character|novel|story|setting|race|short)\b/i,
  pattern`\b(?:${literaryAdjectives})\b(?: [\w-]+,?){0,3} (?:${literaryPieces})\b`,
  /\bideas? for (?:an? |my |some )?(?:[\w-]+ ){0,3}(?:slogans?|stor(?:y|ies)|novels?|names?|captions?|songs?|tattoos?|costumes?|part(?:y|ies)|gifts?|youtube)\b/i,
  /\b(?:in the style of|in the voice of|as a (?:poem|song|rap|pirate|limerick|sonnet|haiku)|as if (?:you|it|i|they|he|she) (?:had|were|was|are)|make it (?:funny|rhyme|creative|humorous))\b/i,
  /^(?:continue|finish|complete|end|start) (?:the|this|my|a) (?:\w+ )?(?:story|tale|poem|song|sentence|scene|dialogue|chapter)\b|\bonce upon a time\b/i,
  /^(?:rewrite|reimagine|retell|write|imagine) (?:an alternate|an alternative|a different|the|a new) (?:ending|beginning|version)\b/i,
  /^(?:sing|entertain me|make me laugh|amuse me|surprise me|flirt|compliment me|roast me|tell me something (?:funny|interesting|random|cool))\b|\banother (?:one|joke|story|poem)\b/i,
  /^(?:generate|create|make|write|construct|form|compose) (?:[\w-]+ ){0,4}(?:sentences?|phrases?|paragraphs?) (?:that (?:use|contain|include|start|begin)|us(?:es?|ing)|with the|containing|including|starting|beginning)/i,
  /^(?:generate|create|make|write|come up with|give)(?: me)? (?:(?:an?|some|\d+|two|three|five|ten) )?(?:list of )?(?:[\w-]+ ){0,2}questions? (?:to ask|for|about|that|on)\b/i,
  /^(?:invent|imagine|dream up|make believe)\b(?! (?:the gulf|that (?:the|all|there)|there (?:is|was|were)|a (?:world|situation|future|scenario|society|country) (?:in which|where|without|with)|if|what))/i,
]);

/** A verb, then within a few words a thing to be made; a preposition between them would begin another thought. */
function makes(verbs: string, things: string): RegExp {
  const before =
    "about|of|on|for|that|which|to|between|how|why|what|article|essay|report|overview|history|summary|timeline|in";
  return pattern`\b(?:${verbs})\b(?: (?:me|us|up|with))*(?: (?!(?:${before})\b)[\w'’,-]+){0,6}? (?:${things})\b`;
}

const tastes = anyOf([
  /\b(?:what|who|which)(?:'s| is| are| was)? your (?:\w+ )?(?:favou?rite|opinion|view|hobb(?:y|ies)|dream|mood|plans?|wish|fear|thoughts?|take)\b|\byour (?:all-time )?favou?rite\b/i,
  /\bdo you (?:personally )?(?:like|love|hate|think (?:about me|i|you|we)|believe in|want|feel|prefer|dream|agree|enjoy|remember|miss|get (?:bored|tired|lonely)|ever|know me|wish)\b/i,
  /\bwhat do you (?:think (?:about|of) (?:me|my|us|yourself)|feel|want|like|prefer|enjoy|look like)\b|\bhow do you feel\b|\bwould you (?:rather|like|ever|date|marry)\b|\bare you (?:happy|sad|bored|tired|angry|lonely|okay|single)\b/i,
  /\bguess (?:what|who|my|which)\b|\bwhat am i (?:thinking|wearing|doing|holding)\b|\bwhat should i (?:wear|eat|cook|watch|do) (?:today|tonight|now|for (?:lunch|dinner|breakfast))\b|\bi(?:'|’)?m (?:so |very |really )?bored\b/i,
  /\bwhat (?:would|will) you (?:do|say|choose|buy|be)\b|\bwhat you would do\b|\b(?:a time|a situation|an occasion|a moment) (?:when|where|in which) you\b|^describe (?:your|yourself)\b/i,
]);

const feelings = anyOf(
  [
    pattern`\bi(?:'m| am| feel|'ve been feeling| have been feeling| am feeling)(?: \w+){0,2} (?:${moods})\b`,
    pattern`\b(?:my|an|the) (?:${closePeople})s? (?:${quarrels})\b`,
    /\b(?:had a (?:fight|row|quarrel|argument) with|broke up with|in love with|crush on|how (?:do|can|should) i (?:get|make|tell|ask) (?:him|her|my (?:crush|ex|girlfriend|boyfriend)))\b/i,
    /^should i (?:go to|text|call|tell (?:him|her|my)|ask (?:him|her)|break up|forgive|marry|date|wear|stay (?:at )?home|quit my|dump|apologi[sz]e)\b/i,
  ],
  "text",
);

/** Asks for taste, company or comfort, which no document holds. */
const isPersonal: Rule = (view) => tastes(view) ?? (view.words.length <= 120 ? feelings(view) : undefined);

const asks = /[?？؟]|_{3,}|\b(?:what|who|whom|whose|which|when|where|why|how|whats|wheres|whos|hows|whether)\b/i;
const orders = pattern`(?:^|[.!?:\n]\s)\W{0,20}(?:(?:please|also|then|briefly|concisely|in (?:detail|short|brief|your own words|\d+ words)|as an? [^,]{3,40},|based on [^,]{3,60},|using [^,]{3,60},|for [^,]{3,40},|in [^,]{3,40},|with [^,]{3,60},)\s{0,9}){0,6}(?:${orderVerbs})\b`;
const wishes = pattern`\b(?:${wishfulPhrases})\b`;
// "symptoms of iron deficiency", "history of jazz": how people type to a search engine.
const topics = pattern`^(?:the |a |an |main |key |some |brief |short |best |top |early |\d+ )*(?:${topicNouns})\b.*\b(?:of|for|in|between|to|about|behind|on)\b`;
// A statement that breaks off where the answer stands.
const unfinished = /\b(?:is|was|are|were|in|by|the|of|called|as|named)\s*(?:(?:[:…]|\.\.\.)\s*)?$/i;

/** For English: neither a question nor an order nor a topic. What people say of themselves asks for no knowledge. */
export const asksNothing: Rule = ({ text, bare }) => {
  const isRequest = [asks, wishes].some((pattern) => pattern.test(text));
  const isOrder = [orders, topics, unfinished].some((pattern) => pattern.test(bare));
  return isRequest || isOrder ? undefined : "it asks for nothing";
};

/** The rules by topic, in order: the first that fits gives the reason. They know English; other languages pass them mostly. */
export const rules: readonly [TopicReason, Rule][] = [
  ["greeting", isGreeting],
  ["role-play", isRolePlay],
  ["code", asksForCode],
  ["puzzle", isPuzzle],
  ["maths", asksForMaths],
  ["given-text", worksOnGivenText],
  ["tools", needsTools],
  ["creative", asksForCreation],
  ["personal", isPersonal],
];
