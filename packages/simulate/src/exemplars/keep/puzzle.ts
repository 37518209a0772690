import { anyOf } from "./view.ts";

/** Wit and order instead of knowledge: riddles, odd ones out, analogies, sorting, games with letters. */
export const isPuzzle = anyOf(
  [
    /\bwhat am i\s*\?|\bwho am i\s*\?|\briddle\b|\bbrain ?teaser\b|\blogic(?:al)? puzzle\b|\bpuzzle\b/i,
    /\bodd (?:one|word|man) out\b|\b(?:does|do|doesn'?t|don'?t) (?:not )?belong\b|\bis (?:different|not like) (?:from )?the (?:others?|rest)\b/i,
    /\b(?:unscramble|anagrams?|palindromes?|rearrange|scrambled|crossword|hangman|tic[- ]tac[- ]toe|wordle|sudoku)\b|\barrange (?:the|these|this) (?:words|letters|sentences|following|numbers|items)\b/i,
    /\b(?:sort|order|put|arrange|rank|alphabeti[sz]e|organize)\b[^.?!\n]{0,40}\b(?:alphabetical|ascending|descending|(?:numerical|increasing|decreasing) order|alphabetically|chronological order)\b/i,
    /\b(?:is|are) to \w+(?: \w+)? (?:as|what) \w+ (?:is|are) to\b|\b\w+ ?: ?\w+ ?:: ?\w+/i,
    /\b(?:makes? (?:no|any|more|the most) sense|nonsensical|not logical|illogical|against common sense|more plausible|most plausible|more likely to happen)\b|\bsentence a\b[\s\S]*\bsentence b\b/i,
    /\b(?:next|missing) (?:number|letter|term|word|item|shape)s?\b[^.?!\n]{0,30}\b(?:sequence|series|pattern|list)\b|\bcomplete the (?:sequence|series|pattern|analogy)\b/i,
    /\b(?:a|[A-Z][a-z]+) is the (?:father|mother|brother|sister|son|daughter|wife|husband) of\b[\s\S]*\b(?:related|relationship|relation)\b|\bhow many (?:brothers|sisters|siblings|sons|daughters) does\b|\bsitting (?:in|around|at) a (?:circular|round|row)\b/i,
    /\b(?:rhymes? with|words? (?:that )?(?:start|begin|end)(?:s|ing)? with|how many (?:letters?|vowels?|syllables?|r's|times does the (?:letter|word))\b[^?]*\b(?:in|appear)\b|spell\b[^?\n]*\bbackwards?|reverse (?:the|this) (?:word|string|sentence|order)|in reverse order|pig latin|synonyms? (?:for|of)|antonyms? (?:for|of)|opposite of the word)\b/i,
    /\b(?:lives? in|owns?) the (?:first|second|third|red|blue|green|yellow|white) (?:house|one|fish|car)\b|\bwho owns the \w+\?|\b(?:is|was) (?:taller|older|faster|heavier|shorter|younger|richer) than\b[\s\S]*\b(?:taller|older|faster|heavier|shorter|younger|richer|tallest|oldest|fastest|youngest|shortest)\b/i,
  ],
  "text",
);
