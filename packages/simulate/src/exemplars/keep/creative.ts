import { anyOf } from "./view.ts";

// What is always made up, whoever asks for it by whatever verb.
const inventions =
  "poems?|poetry|haikus?|sonnets?|limericks?|verses?|rhymes?|ballads?|odes?|stor(?:y|ies)(?! (?:of|behind|about how)\\b)|tales?(?! of\\b)|fables?|fairy ?tales?|jokes?|puns?|riddles?|tongue twisters?|rap battles?|slogans?|taglines?|mottos?|captions?|headlines?|names?(?! (?:of|and|a|in|three|two|four|five|some)\\b)|nicknames?|usernames?|hashtags?|titles?(?! of\\b)|subtitles?|excuses?|pick ?up lines?|insults?|roasts?|comebacks?|metaphors?|similes?|pseudonyms?|puns?|lyrics|prompts?";
const works = `${inventions}|acrostics?|songs?|raps?|scripts?|screenplays?|scenes?(?! (?:of|in|from)\\b)|sketch(?:es)?|dialogues?|monologues?|conversations? between|plays?|novels?|chapters?(?! of\\b)|plots?(?! of\\b)|narratives?|characters?(?! (?:of|in)\\b)|backstor(?:y|ies)|fan ?fiction|tweets?|(?:social media|instagram|facebook|linkedin|reddit|tiktok|twitter|travel blog) (?:posts?|bio|updates?)|posts? (?:about|announcing|on (?:linkedin|facebook|twitter|instagram))|(?:job|product) (?:descriptions?|ads?|postings?)|descriptions? (?:of|for) (?:a|an|my|our) (?:product|character|dating)|ads?|advertisements?|ad cop(?:y|ies)|sales (?:cop(?:y|ies)|pitch\\w*)|(?:elevator )?pitch(?:es)?|commercials?|jingles?|press releases?|landing page|newsletters?|letters?|e-?mails?|memos?|messages?|repl(?:y|ies)|cover letters?|resumes?|cvs?|personal statements?|speech(?:es)?|toasts?|invitations?|greetings?|(?:greeting|birthday|thank[- ]you|business|christmas) (?:cards?|notes?)|cards?|eulog(?:y|ies)|obituar(?:y|ies)|vows|bios?|diary|(?:diary|journal) entr(?:y|ies)|analog(?:y|ies)|testimonials?|reviews?(?! (?:of|on) (?:the |recent |current |existing )?(?:literature|evidence|research|studies|history))|dreams?|quiz(?:zes)?|crossword|questionnaires?|superhero|creatures?|monsters?|to-?do list|customer persona`;

/** Asks for something to be made up, where knowledge is no help: fiction, verse, letters, names, advertising. */
export const asksForCreation = anyOf([
  makes(
    "write|compose|craft|draft|pen|invent|come up with|make up|make|brainstorm|create|generate|design|develop|think of|finish|continue|imagine|build|concoct|structure|construct|prepare",
    works,
  ),
  makes("suggest|tell|give|propose|provide|share|show", inventions),
  /\b(?:fictional|imaginary|made-up|invented|fantasy|sci-?fi|science fiction) (?:world|planet|language|kingdom|holiday|creature|religion|country|sport|character|novel|story|setting|race|short)\b/i,
  /\b(?:descriptive|captivating|engaging|vivid|intriguing|heartfelt|humorous|funny|catchy|romantic|imaginative|whimsical|witty)\b(?: [\w-]+,?){0,3} (?:essay|paragraph|description|character|opening|piece|narrative|sentence|introduction)\b/i,
  /\bideas? for (?:an? |my |some )?(?:[\w-]+ ){0,3}(?:slogans?|stor(?:y|ies)|novels?|names?|captions?|songs?|tattoos?|costumes?|part(?:y|ies)|gifts?|youtube)\b/i,
  /\b(?:in the style of|in the voice of|as a (?:poem|song|rap|pirate|limerick|sonnet|haiku)|as if (?:you|it|i|they|he|she) (?:had|were|was|are)|make it (?:funny|rhyme|creative|humorous))\b/i,
  /^(?:continue|finish|complete|end|start) (?:the|this|my|a) (?:\w+ )?(?:story|tale|poem|song|sentence|scene|dialogue|chapter)\b|\bonce upon a time\b/i,
  /^(?:rewrite|reimagine|retell|write|imagine) (?:an alternate|an alternative|a different|the|a new) (?:ending|beginning|version)\b/i,
  /^(?:sing|entertain me|make me laugh|amuse me|surprise me|flirt|compliment me|roast me|tell me something (?:funny|interesting|random|cool))\b|\banother (?:one|joke|story|poem)\b/i,
  /^(?:generate|create|make|write|construct|form|compose) (?:an?|\d+|two|three|five)? ?(?:[\w-]+ ){0,3}(?:sentences?|phrases?|paragraphs?) (?:that (?:use|contain|include|start|begin)|us(?:es?|ing)|with the|containing|including|starting|beginning)/i,
  /^(?:generate|create|make|write|come up with|give)(?: me)? (?:an?|some|\d+|two|three|five|ten)? ?(?:list of )?(?:[\w-]+ ){0,2}questions? (?:to ask|for|about|that|on)\b/i,
  /^(?:invent|imagine|dream up|make believe)\b(?! (?:the gulf|that (?:the|all|there)|there (?:is|was|were)|a (?:world|situation|future|scenario|society|country) (?:in which|where|without|with)|if|what))/i,
]);

/** A verb, then within a few words a thing to be made; a preposition between them would begin another thought. */
function makes(verbs: string, things: string): RegExp {
  const before =
    "about|of|on|for|that|which|to|between|how|why|what|article|essay|report|overview|history|summary|timeline|in";
  return new RegExp(
    String.raw`\b(?:${verbs})\b(?: (?:me|us|up|with))*(?: (?!(?:${before})\b)[\w'’,-]+){0,6}? (?:${things})\b`,
    "i",
  );
}
