import { anyOf, type Rule } from "./view.ts";

// Pieces of small talk; an instruction made of nothing else asks for nothing.
const pieces =
  "hi+|hello+|hey+|yo|hiya|howdy|greetings|welcome|sup|good (?:morning|afternoon|evening|night|day)|(?:how|hows|how's) (?:are|r|is|have) (?:you|u|ya|it|things|everything|your day|your morning)(?: been| going| doing)?(?: today| now)?|how's it going|how do you do|what's up|whats up|wassup|nice to meet you|are you (?:there|ok|okay|here|online|working|ready)|thanks?(?: you| u)?(?: so much| very much| a lot| again)?|thx|ty|that was (?:very |really |so )?(?:helpful|great|good|nice)|(?:very|really|so) (?:good|nice|helpful)|you(?:'re| are) welcome|ok(?:ay)?|great|good|cool|nice|awesome|perfect|yes|no|yeah|yep|nope|sure|fine|wow|lol|haha|bye|goodbye|good bye|see (?:you|ya)(?: later| soon)?|have a (?:nice|good|great) (?:day|evening|night|one)|test(?:ing)?|is (?:anyone|anybody|someone) there|can you hear me|(?:can|could) (?:you|i) (?:please )?(?:help me|ask you (?:something|a question)|talk to you)(?: with something| out)?|i (?:have a|need) (?:question|help|your help)|help(?: me)?(?: please)?|please|chatgpt|chat gpt|gpt|bot|ai|assistant|there|friend|buddy|man|bro|everyone|all|i'm|i am|my name is \\w+|how about you|and you|today";
const smallTalk = new RegExp(`^[\\W_]*(?:(?:${pieces})(?:[\\W_]+|$))+$`, "i");

// Questions to the assistant about itself.
const aboutTheAssistant = anyOf([
  /\b(?:who|what) (?:are|r) (?:you|u)(?! (?:looking|going|doing about|supposed))\b/i,
  /\bwhat(?:'?s| is| should i call)? ?(?:your|ur) (?:full )?(?:name|purpose|version|model|knowledge cut-?off|training data|gender|age)\b/i,
  /\bwhat (?:can|could) you do\b|\bwhat are your (?:capabilities|limits|limitations|abilities|features)\b/i,
  /\bwho (?:made|created|built|trained|developed|designed|programmed|owns|is behind) (?:you|u)\b|\bwho(?:'s| is| are| was| were)? your (?:creator|developer|maker|owner|author)s?\b/i,
  /\b(?:are|r) (?:you|u) (?:an? )?(?:\w+ )?(?:ai|robot|bot|human|person|machine|sentient|conscious|self-aware|alive|real|chat ?gpt|gpt|gpt-?\d\S*|language model|program|computer|based on|made by|developed by|trained by|able to)\b/i,
  /\bdo you (?:have|possess|experience) (?:a |any )?(?:feelings|emotions|consciousness|name|a name|gender|body|soul|memory|access)\b/i,
  /\b(?:tell me|talk|say something|introduce)(?: a (?:bit|little))?(?: more)? about yourself\b|\bintroduce yourself\b|\bwhere (?:are|do) you (?:from|live|come from)\b|\bhow old are you\b/i,
  /\b(?:which|what) (?:ai |language )?(?:model|version)(?: of \S+)? are you\b|\bwhat (?:model|ai) is this\b/i,
]);

/** Small talk, and questions to the assistant about itself. */
export const isGreeting: Rule = (view) =>
  smallTalk.test(view.text) ? "it is small talk alone" : view.words.length <= 40 ? aboutTheAssistant(view) : undefined;
