import { anyOf, type Rule } from "./view.ts";

const languages =
  "python|java|javascript|js|typescript|c\\+\\+|cpp|c#|golang|php|perl|kotlin|haskell|matlab|vba|bash|powershell|sql|mysql|postgres(?:ql)?|sqlite|mongodb|html5?|css|react(?: native|\\.js)?|vue(?:\\.js)?|svelte|node(?:\\.?js)?|next\\.?js|django|flask|fastapi|spring boot|laravel|ruby on rails|\\.net|asp\\.net|unreal engine|jquery|tailwind|flexbox|d3\\.js|pandas|numpy|scipy|matplotlib|pytorch|tensorflow|keras|scikit-learn|opencv|selenium|playwright|beautiful ?soup|pyspark|hadoop|pyqt\\d?|tkinter|jetpack compose|flutter|docker|kubernetes|terraform|ansible|git|github actions|jenkins|nginx|google sheets|latex|graphql|redis|verilog|vhdl|solidity|cobol|fortran|ggplot2?|dplyr|wordpress";
// Names that are words of their own too: they count after a preposition and with a capital alone.
const capitalized =
  /\b(?:in|using|with|use) (?:an? |the )?(?:C|R|Go|Rust|Swift|Ruby|Scala|Julia|Dart|Lua|Excel|Unity|Spark|Express|Angular|Bootstrap|Rails|Kafka|JAX|Linux|Assembly|Lisp|Prolog|Shopify|Airflow|Perl)(?:\b|\/)(?! (?:literature|culture|Island))/;
// A language's name ends where no letter, plus or hash follows: "\b" would not see the end of C++.
const end = "(?![\\w+#])";
const artefacts =
  "code|codes|script|scripts|function|program|programs|class|method|algorithm|quer(?:y|ies)|regex|regular expression|api|endpoint|app|application|web ?app|component|web ?page|web ?site|html|css|unit tests?|test cases?|dockerfile|makefile|docker-compose|one-liner|macro|formula|plugin|extension|bot|snippet|module|package|library|interface|database schema|schema|table|tables|stored procedure|sql statements?|cron job|pipeline|parser|scraper|compiler|loop|array|dictionary|list comprehension|data structure|linked list|binary tree|gui|command|commands|shell script|config(?:uration)? file|yaml|json|xml|contract";

const shapes = anyOf(
  [
    /```|<\/?(?:div|html|body|script|span|table|head|form|input|style|button)\b[^>]*>/i,
    /\b(?:def|function|fn|func)\s+\w+\s*\(|\bclass\s+\w+\s*[:{(]|^\s*(?:import|from)\s+\w+(?:\.\w+)*(?:\s+import\b|\s*;|\s*$)|#include\s*<|\bpublic\s+(?:static|class|void)\b|\bconsole\.log\b|\bSystem\.out\b|\bprintf?\s*\(/m,
    /(?:=>|\)\s*\{|\};|;\s*\n.*;\s*(?:\n|$)|\w+\[['"\w]+\]\s*=|\b(?:const|let|var)\s+\w+\s*=|\b\w+\.\w+\([^)]*\)\s*(?:;|\.|\n|$))/,
    /\bSELECT\b[\s\S]{1,200}\bFROM\s+\w+|\bselect\b (?:\*|[\w.]+(?:, ?[\w.]+)*) from \w+(?: where\b|;)|\b(?:insert into \w+|CREATE TABLE|ALTER TABLE)\b/,
    /\bTraceback\b|\b\w*(?:Error|Exception):|\bstack ?trace\b|\bsegmentation fault\b|\bsyntax error\b|\bat [\w$.]+\([\w.]+:\d+\)/,
  ],
  "text",
);

const requests = anyOf([
  new RegExp(
    String.raw`\b(?:write|create|implement|build|make|generate|develop|fix|debug|refactor|convert|optimi[sz]e|code|program|design|construct|give|show|provide|need|want|have|add|modify|rewrite|complete|help)\b[^.?!\n]{0,60}?\b(?:in|using|with|an?|some|my|this|the|me)?\s*(?:${languages})${end}[^.?!\n]{0,40}\b(?:${artefacts})\b`,
    "i",
  ),
  /\b(?:write|create|implement|code|generate|build|develop|debug|fix|refactor|optimi[sz]e|program|make)\b(?: me| us| out)?(?: an?| the| some| this| my| that| \d+)?(?: [\w-]+){0,3} (?:code|script|function|program|class|algorithm|sql(?: query)?|query|regex|regular expression|unit tests?|dockerfile|makefile|one-liner|macro|web ?page|web ?site|web ?app|for loop|while loop|rest api|api|chrome extension|discord bot|plugin|database schema|smart contract|app|android app|application|recursive \w+)\b/i,
  new RegExp(
    String.raw`\b(?:write|create|implement|solve|do|build|plot|print|develop|make|sort|read|parse|program|code|generate|design|explain)\b[^?!\n]{0,120}\b(?:in|using|with) (?:${languages})${end}`,
    "i",
  ),
  new RegExp(
    String.raw`\bhow (?:do|can|could|should|would|to|does one)\b[^?\n]{0,100}\b(?:in|using|with|on) (?:an? |the |my )?(?:${languages})${end}`,
    "i",
  ),
  /\buse (?:one of )?(?:python|java|c|c\+\+|c#|go|rust|matlab)\b[^.?!\n]{0,30} to (?:solve|write|implement)/i,
  /\b(?:data structure|operating system|compiler|user interface|version control system|css rule|web-based platform)\b[^?]{0,60}(?:\busing\b|from scratch|\bthat (?:allows|changes|lets))|\b(?:implement|build|create|write|design)\b(?: an?| the| my)?(?: [\w-]+){0,2} (?:data structure|operating system|compiler|user interface|version control system|css rule|web-based platform|neural network from)\b/i,
  /\b(?:regular expression|regex|regexp) (?:that|to|for|which|matching)\b/i,
  /\b(?:undo|revert|squash|rebase|amend)\b[^?\n]{0,40}\b(?:commit|branch|merge)s?\b|\bgit (?:commit|push|pull|merge|rebase|clone|checkout|reset|stash)\b/i,
  /\bgiven (?:an?|the|two|a list of)(?: \w+)? ?(?:integers? array|array|string|strings|arrays|linked list|binary tree|matrix|graph|nums|list of (?:integers|numbers|strings))\b[\s\S]{0,200}\b(?:return|find|determine|write|remove|print|implement|count)\b/i,
  /\b(?:compile|compiler|runtime|null ?pointer|segfault|stack overflow|dataframe|data frame|localhost|npm|pip install|apt-get|sudo|cron|ssh|docker|kubectl|stdout|stdin|api call|api key|endpoint|webhook|boilerplate|codebase|pull request|merge conflict)\b[\s\S]*\b(?:error|fail\w*|fix|what do i do|set ?up|install)\b|\bhow\b[^?\n]{0,80}\b(?:dataframe|data frame|api call|localhost|npm|css|html|textbox|textarea|callback|json file|csv file|cron job|web scrap\w+)\b/i,
  /\b(?:time complexity|space complexity|big o notation of)\b/i,
  /\b(?:excel|spreadsheet|google sheets) (?:formulas?|macros?|functions?)\b/i,
  /\bdebug\b|\b(?:explain|what does|what is) (?:what )?(?:this|the following|the below) (?:code|function|script|program|query|snippet|command)\b/i,
]);

const orders =
  /\b(?:write|create|implement|solve|build|plot|print|develop|make|sort|read|parse|program|code|design|how (?:do|can|to|would)|loop|function)\b/i;
const named = anyOf([capitalized], "text");
const inLanguage: Rule = (view) => (orders.test(view.bare) ? named(view) : undefined);

/** Asks for code, or about code that it shows. What is asked about computing as a subject stays. */
export const asksForCode: Rule = (view) => shapes(view) ?? requests(view) ?? inLanguage(view);
