import { anyOf } from "./view.ts";

/** Gives the model a part to play, or tries to talk it out of its own. */
export const isRolePlay = anyOf(
  [
    /\b(?:i want you to|i need you to|you (?:will|shall|should|must|are going to)|please|pls|can you|could you|let'?s|^|[.!:\n"“]\s*)\s*(?:now )?(?:act|behave|respond|answer|talk|speak|reply|write) (?:as|like)(?: if)?(?: you(?:'re| are| were))?(?: an?| the| my)\b/im,
    /\b(?:[Aa]ct|[Bb]ehave|[Rr]espond|[Aa]nswer|[Tt]alk|[Ss]peak|[Rr]eply) (?:as|like) [A-Z][a-z]+/,
    /\b(?:consider|picture|imagine|envision|see) yourself\b|\bif you were (?:an? |the |in )|\b(?:embody|embrace|adopt|channel) (?:the |a )?(?:role|persona|character|spirit|voice|identity)\b/i,
    /(?:^|[.!\n]\s*)as (?:an?|the) [^,.!?\n]{3,50}, (?:[^.?!\n]{0,60}\b(?:would|do|did|have|are|were|will|can|should) you\b|(?:describe|tell|share|introduce|explain|write)\b[^.?!\n]{0,30}\byour\b)/i,
    /\b(?:role[- ]?play(?:ing)?|play the (?:role|part)|take (?:on )?the (?:role|persona)|assume the (?:role|identity|persona)|(?:stay|remain|be|speak) in character|never (?:leave|break) (?:your )?(?:role|character)|impersonate|your (?:persona|character) (?:is|will be))\b/i,
    /\b(?:pretend|imagine|suppose|act like|say|assume)(?: that)? (?:you(?:'re| are| were)|to be|yourself)\b/i,
    /(?:^|[.!\n"“]\s*)(?:you are|you're|you will be|u are) (?:now )?(?:an? |the |my |called |named |playing |going to be )?(?!(?:given|asked|told|likely|right|wrong|free|planning|travell?ing|correct|at risk|in \w+|on \w+)\b)[A-Za-z]/m,
    /\b(?:ignore|disregard|forget) (?:all |any |your |the |every)*(?:previous|prior|above|earlier|instructions|rules|guidelines|programming)\b/i,
    /\b(?:do anything now|jailbreak\w*|developer mode|DAN mode|without any (?:moral|ethical|rules|limits|restrictions|filters?)|no (?:rules|restrictions|moral|ethical|filters?) (?:and|or|at all|what)|unfiltered|uncensored|evil ?bot)\b/i,
    /\b(?:text adventure|text-based (?:game|adventure|rpg)|dungeon master|game master|be my (?:girlfriend|boyfriend|therapist|mother|father|wife|husband|friend|interviewer|opponent|tutor|teacher)|let'?s play|simulate (?:a|an|the) (?:conversation|terminal|interview|chat|game|character))\b/i,
    /\bfrom now on,? (?:you|your|answer|respond|act)\b/i,
  ],
  "text",
);
