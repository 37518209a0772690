// The words that the rules look for, as data. A word may be a pattern of its own, such as "quer(?:y|ies)".

/** The words of a list, which commas separate, as alternatives of a pattern. */
function words(strings: TemplateStringsArray): string {
  return strings.raw
    .join("")
    .split(",")
    .map((word) => word.trim())
    .join("|");
}

export const programmingLanguages = words`
  python, java, javascript, js, typescript, c\+\+, cpp, c#, golang, php, perl, kotlin, haskell, matlab, vba, bash,
  powershell, sql, mysql, postgres(?:ql)?, sqlite, mongodb, html5?, css, react(?: native|\.js)?, vue(?:\.js)?, svelte,
  node(?:\.?js)?, next\.?js, django, flask, fastapi, spring boot, laravel, ruby on rails, \.net, asp\.net,
  unreal engine, jquery, tailwind, flexbox, d3\.js, pandas, numpy, scipy, matplotlib, pytorch, tensorflow, keras,
  scikit-learn, opencv, selenium, playwright, beautiful ?soup, pyspark, hadoop, pyqt\d?, tkinter, jetpack compose,
  flutter, docker, kubernetes, terraform, ansible, git, github actions, jenkins, nginx, google sheets, latex, graphql,
  redis, verilog, vhdl, solidity, cobol, fortran, ggplot2?, dplyr, wordpress
`;

export const programmingThings = words`
  code, codes, script, scripts, function, program, programs, class, method, algorithm, quer(?:y|ies), regex,
  regular expression, api, endpoint, app, application, web ?app, component, web ?page, web ?site, html, css,
  unit tests?, test cases?, dockerfile, makefile, docker-compose, one-liner, macro, formula, plugin, extension, bot,
  snippet, module, package, library, interface, database schema, schema, table, tables, stored procedure,
  sql statements?, cron job, pipeline, parser, scraper, compiler, loop, array, dictionary, list comprehension,
  data structure, linked list, binary tree, gui, command, commands, shell script, config(?:uration)? file, yaml, json,
  xml, contract
`;

export const languagesThatAreWords = words`
  C, R, Go, Rust, Swift, Ruby, Scala, Julia, Dart, Lua, Excel, Unity, Spark, Express, Angular, Bootstrap, Rails,
  Kafka, JAX, Linux, Assembly, Lisp, Prolog, Shopify, Airflow, Perl
`;

export const codingVerbs = words`
  write, create, implement, build, make, generate, develop, fix, debug, refactor, convert, optimi[sz]e, code, program,
  design, construct, give, show, provide, need, want, have, add, modify, rewrite, complete, help
`;

export const programs = words`
  code, script, function, program, class, algorithm, sql(?: query)?, query, regex, regular expression, unit tests?,
  dockerfile, makefile, one-liner, macro, web ?page, web ?site, web ?app, for loop, while loop, rest api, api,
  chrome extension, discord bot, plugin, database schema, smart contract, app, android app, application, recursive \w+
`;

export const programmingVerbs = words`
  write, create, implement, code, generate, build, develop, debug, fix, refactor, optimi[sz]e, program, make
`;

export const solvingVerbs = words`
  write, create, implement, solve, do, build, plot, print, develop, make, sort, read, parse, program, code, generate,
  design, explain
`;

export const systems = words`
  data structure, operating system, compiler, user interface, version control system, css rule, web-based platform
`;

export const dataStructures = words`
  integers? array, array, string, strings, arrays, linked list, binary tree, matrix, graph, nums,
  list of (?:integers|numbers|strings)
`;

export const developerWords = words`
  compile, compiler, runtime, null ?pointer, segfault, stack overflow, dataframe, data frame, localhost, npm,
  pip install, apt-get, sudo, cron, ssh, docker, kubectl, stdout, stdin, api call, api key, endpoint, webhook,
  boilerplate, codebase, pull request, merge conflict
`;

export const developerObjects = words`
  dataframe, data frame, api call, localhost, npm, css, html, textbox, textarea, callback, json file, csv file,
  cron job, web scrap\w+
`;

export const inventions = words`
  poems?, poetry, haikus?, sonnets?, limericks?, verses?, rhymes?, ballads?, odes?,
  stor(?:y|ies)(?! (?:of|behind|about how)\b), tales?(?! of\b), fables?, fairy ?tales?, jokes?, puns?, riddles?,
  tongue twisters?, rap battles?, slogans?, taglines?, mottos?, captions?, headlines?,
  names?(?! (?:of|and|a|in|three|two|four|five|some|only)\b)(?:(?= for\b)|(?<!\b(?:only|just|the|their|its|his|her|full|scientific|common|official)(?: \w+)? names?)),
  nicknames?, usernames?, hashtags?, titles?(?! of\b),
  subtitles?, excuses?, pick ?up lines?, insults?, roasts?, comebacks?, metaphors?, similes?, pseudonyms?, puns?,
  lyrics, prompts?
`;

export const otherWorks = words`
  acrostics?, songs?, raps?, scripts?, screenplays?, scenes?(?! (?:of|in|from)\b), sketch(?:es)?, dialogues?,
  monologues?, conversations? between, plays?, novels?, chapters?(?! of\b), plots?(?! of\b), narratives?,
  characters?(?! (?:of|in)\b), backstor(?:y|ies), fan ?fiction, tweets?,
  (?:social media|instagram|facebook|linkedin|reddit|tiktok|twitter|travel blog) (?:posts?|bio|updates?),
  posts? (?:about|announcing|on (?:linkedin|facebook|twitter|instagram)),
  (?:job|product) (?:descriptions?|ads?|postings?),
  descriptions? (?:of|for) (?:a|an|my|our) (?:product|character|dating), ads?, advertisements?, ad cop(?:y|ies),
  sales (?:cop(?:y|ies)|pitch\w*), (?:elevator )?pitch(?:es)?, commercials?, jingles?, press releases?, landing page,
  newsletters?, letters?, e-?mails?, memos?, messages?, repl(?:y|ies), cover letters?, resumes?, cvs?,
  personal statements?, speech(?:es)?, toasts?, invitations?, greetings?,
  (?:greeting|birthday|thank[- ]you|business|christmas) (?:cards?|notes?), cards?, eulog(?:y|ies), obituar(?:y|ies),
  vows, bios?, diary, (?:diary|journal) entr(?:y|ies), analog(?:y|ies), testimonials?,
  reviews?(?! (?:of|on) (?:the |recent |current |existing )?(?:literature|evidence|research|studies|history)),
  dreams?, quiz(?:zes)?, crossword, questionnaires?, superhero, creatures?, monsters?, to-?do list, customer persona
`;

export const literaryAdjectives = words`
  descriptive, captivating, engaging, vivid, intriguing, heartfelt, humorous, funny, catchy, romantic, imaginative,
  whimsical, witty
`;

export const literaryPieces = words`
  essay, paragraph, description, character, opening, piece, narrative, sentence, introduction
`;

export const kindsOfTexts = words`
  text, texts, sentences?, paragraphs?, passages?, articles?, e-?mails?, messages?, story, poem, essay, reviews?,
  tweets?, dialogues?, dialogs?, conversations?, documents?, excerpts?, abstracts?, transcripts?, notes?, lyrics,
  quotes?, phrases?, words?, keywords?, list, data, input, comments?, headlines?, titles?, summary, statements?,
  facts, news(?: story| article)?, letter, post, snippet, information, table, context, clause, questions
`;

export const thingsGiven = words`
  sentence, phrase, word, verb, noun, adjective, text, paragraph, clause, proverb, letters, numbers, equation, string,
  headline, title, names, items, list, situation, attributes, ingredients, rule, model, data
`;

export const textLabels = words`
  context, passage, article, text, premise, hypothesis, sentence ?[12a-b]?, review, tweet, input, dialogue, paragraph,
  document, excerpt, abstract, transcript, email, news, story, background, content, user, system
`;

export const languagesOfTexts = words`
  english, spanish, french, german, italian, portuguese, chinese, japanese, korean, russian, arabic, hindi, dutch,
  latin, turkish, swedish, polish, greek
`;

export const rewordingVerbs = words`
  translate, paraphrase, rephrase, proofread, reword, re-?write, transcribe, punctuate, capitali[sz]e
`;

export const editingVerbs = words`
  edit, shorten, expand, improve, correct, fix, polish, simplify, condense, rearrange, reformat, format, restructure,
  reorgani[sz]e, convert, transform, turn, change, make, combine, join, merge, split, complete
`;

export const stylesOfTexts = words`
  sound, better, shorter, longer, formal, professional, concise, clearer, simpler, polite, friendly, into, more,
  passive, active, past tense, bullet, table
`;

export const partsOfTexts = words`
  nouns?, verbs?, adjectives?, adverbs?, pronouns?, keywords?, entit(?:y|ies), names of \w+, subject, predicate,
  topic, tense, part of speech, parts of speech, figure of speech, typos, errors?, mistakes?, prepositions?, words?,
  phrases?, main idea of the text
`;

export const extractingVerbs = words`
  extract, pick out, underline, highlight, identify, find, list, count, name, locate, replace, remove, circle
`;

export const subjectsOfKnowledge = words`
  statement, claim, event, events, theory, concept, period, topic, question, phenomenon, process, idea, novel, book,
  film, movie, play
`;

export const reviewingVerbs = words`
  summari[sz]e, sum up, shorten, analy[sz]e, review, evaluate, rate, critique, explain, comment on, respond to,
  reply to
`;

export const messages = words`
  e-?mails?, messages?, letters?, comments?, posts?, reviews?, tweets?, texts?, chats?, complaints?
`;

export const originsOfQuotations = words`
  author(?:ed)?, wrote, written, writes, said, says, say, spoke, spoken, speaker, uttered, coined, attributed, credited,
  origins?, originat(?:e|es|ed), sources?, (?:come|comes|came|taken) from, appears?, appeared, contains?, contained,
  found, first used, (?:quote|quotation|saying|proverb|idiom|motto|adage|slogan)\b.* (?:means?|meaning|stand for)
`;

export const orderBeginnings = words`
  summari, explain, describe, analy, identify, generate, create, write, find, give, suggest, provide, determine,
  decide, categori, rank, evaluate, rewrite, edit, choose, select, predict, label, detect, extract, construct, name,
  classify, compare, what, which, how, is, are, who, use, make, design, add, reword
`;

export const smallTalkPieces = words`
  hi+, hello+, hey+, yo, hiya, howdy, greetings, welcome, sup, good (?:morning|afternoon|evening|night|day),
  (?:how|hows|how's) (?:are|r|is|have) (?:you|u|ya|it|things|everything|your day|your morning)(?: been| going| doing)?(?: today| now)?,
  how's it going, how do you do, what's up, whats up, wassup, nice to meet you,
  are you (?:there|ok|okay|here|online|working|ready), thanks?(?: you| u)?(?: so much| very much| a lot| again)?, thx,
  ty, that was (?:very |really |so )?(?:helpful|great|good|nice), (?:very|really|so) (?:good|nice|helpful),
  you(?:'re| are) welcome, ok(?:ay)?, great, good, cool, nice, awesome, perfect, yes, no, yeah, yep, nope, sure, fine,
  wow, lol, haha, bye, goodbye, good bye, see (?:you|ya)(?: later| soon)?,
  have a (?:nice|good|great) (?:day|evening|night|one), test(?:ing)?, is (?:anyone|anybody|someone) there,
  can you hear me,
  (?:can|could) (?:you|i) (?:please )?(?:help me|ask you (?:something|a question)|talk to you)(?: with something| out)?,
  i (?:have a|need) (?:question|help|your help), help(?: me)?(?: please)?, please, chatgpt, chat gpt, gpt, bot, ai,
  assistant, there, friend, buddy, man, bro, everyone, all, i'm, i am, my name is [a-z0-9]+, how about you, and you, today
`;

export const kindsOfAssistants = words`
  ai, robot, bot, human, person, machine, sentient, conscious, self-aware, alive, real, chat ?gpt, gpt, gpt-?\d\S*,
  language model, program, computer, based on, made by, developed by, trained by, able to
`;

export const numberWords = words`
  two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, fifteen, twenty, thirty, forty, fifty,
  hundred, half, twice, double, triple, dozen
`;

export const solvableThings = words`
  equations?, inequalit(?:y|ies), expressions?, systems?, polynomials?, for [a-z]\b, quadratic, fractions?, integral,
  matrix
`;

export const computedThings = words`
  derivative, (?:definite |indefinite )?integral, antiderivative, equation of, (?:first|third|upper|lower) quartile,
  limit of, square root, cube root, determinant, eigenvalues?, hypotenuse, perimeter, slope, gcd, lcm,
  greatest common, least common, remainder, quotient, standard deviation of,
  mean of (?:this|the|these|a) (?:set|numbers|data), median of, arithmetic mean,
  sum of (?:the )?(?:first|all|digits|numbers|\d), product of \d, probability (?:of|that), surface area of,
  area of (?:a|an|the) (?:circle|triangle|rectangle|square|trapezoid|sphere|cylinder|cone),
  volume of (?:a|an|the) (?:cube|sphere|cylinder|cone|box|pyramid|rectangular), factorial, prime factors?, roots? of,
  value of (?:[a-z]\b|the expression), compound interest, simple interest, average of (?:the|these|\d)
`;

export const provableThings = words`
  irrational, theorem, inequality, divisible, prime, even, odd, integers?, equal, lemma, convergent, continuous,
  bijective, infinitely, induction, group, subset, sum
`;

export const amounts = words`
  total, area, volume, length, width, height, speed, average, cost, price, profit, distance, amount, ratio,
  percentage, probability, number, value, sum, weight, perimeter, change
`;

export const orderVerbs = words`
  explain, describe, discuss, compare, contrast, define, list, name, identify, outline, analy[sz]e, evaluate, assess,
  summari[sz]e, state, mention, give, provide, tell, show, write, create, recommend, suggest, plan, elaborate,
  examine, illustrate, interpret, verify, check, fact[- ]?check, share, research, present, review, teach, detail,
  enumerate, differentiate, distinguish, explore, investigate, highlight, justify, argue, determine, trace, specify,
  clarify, classify, categori[sz]e, cite, report, predict, estimate, rank, prepare, develop, generate, propose,
  describe, help me (?:understand|learn|find), shed light, walk me through, talk about, introduce, demonstrate,
  consider, find, choose, select, combine, make, draft, produce, compile, construct, design, formulate, devise, brief,
  sum up, advise, answer, debunk, support, expand, imagine, suppose, assume, relate, characteri[sz]e, point out,
  search, look at, read up, match, pick, rate, translate, fill, complete
`;

export const topicNouns = words`
  causes?, symptoms?, treatments?, history, origins?, differences?, similarit(?:y|ies), benefits?, advantages?,
  disadvantages, types?, kinds?, examples?, meaning, definition, importance, effects?, impacts?, uses?, role,
  functions?, structure, population, capital, list, biography, life, plot, summary, overview, pros(?: and cons)?,
  ways?, steps, tips, reasons?, characteristics, features, principles, theor(?:y|ies), process, rules, consequences,
  comparison, relationship, timeline, side effects, risk factors, introduction, analysis, explanation, description,
  requirements, recipe, properties, phases, stages, components, parts, names?
`;

export const moods = words`
  sad, lonely, depressed, happy, angry, bored, upset, hopeless, heartbroken, scared, worthless, jealous, unhappy,
  miserable, in love
`;

export const closePeople = words`
  ex(?:-\w+)?, girl ?friend, boy ?friend, crush, best friend, wife, husband, partner, roommate, parents, mom, mother,
  dad, father, sister, brother, boss, co-?worker, colleague
`;

export const quarrels = words`
  left, dumped, broke up, cheated, is mad, hates?, ignores?, ignored, is angry, won'?t, doesn'?t, does not, don'?t,
  yelled, lied
`;

export const letterGames = words`
  unscramble, anagrams?, palindromes?, rearrange, scrambled, crossword, hangman, tic[- ]tac[- ]toe, wordle, sudoku
`;

export const comparisons = words`
  taller, older, faster, heavier, shorter, younger, richer, tallest, oldest, fastest, youngest, shortest
`;

export const roles = words`
  girlfriend, boyfriend, therapist, mother, father, wife, husband, friend, interviewer, opponent, tutor, teacher
`;

export const pictures = words`
  images?, pictures?, photos?, drawings?, illustrations?, logos?, memes?, ascii art, icons?, wallpapers?, videos?,
  gifs?, animations?, flyers?, posters?
`;

export const alarms = words`
  alarm, timer, reminder, calendar (?:event|entry), event, appointment, meeting, countdown
`;

export const deviceCommands = words`
  play, pause, stop, turn (?:on|off|up|down), open, launch, close, download, navigate to, take me to
`;

export const music = words`
  song, music, jazz, rock, pop, playlist, video, album, radio, podcast, next, classical, \w+ music
`;

export const wordGames = words`
  rhymes? with, words? (?:that )?(?:start|begin|end)(?:s|ing)? with,
  how many (?:letters?|vowels?|syllables?|r's|times does the (?:letter|word))\b[^?]*\b(?:in|appear)\b,
  spell\b[^?\n]*\bbackwards?, reverse (?:the|this) (?:word|string|sentence|order), in reverse order, pig latin,
  synonyms? (?:for|of), antonyms? (?:for|of), opposite of the word
`;

export const thePresent = words`
  right now, at the moment, currently trading, live score, as of (?:today|now),
  today'?s (?:\w+ )?(?:weather|news|date|price|headlines|forecast|score|match), latest news,
  current (?:price|weather|temperature|exchange rate|stock price|time|score),
  weather (?:in \w+(?: \w+)? )?(?:now|today|tomorrow|this week(?:end)?), (?:weather|temperature) (?:forecast|outside)
`;

export const attachments = words`
  i(?:'ve| have)? (?:just )?(?:attached|uploaded), (?:the|this|see|my) (?:attached|uploaded),
  attached (?:file|pdf|document|image|photo|picture), attachment,
  the (?:file|image|picture|photo|screenshot|pdf|spreadsheet|document|video) (?:i|that i|above|below|attached),
  this (?:image|picture|photo|screenshot|pdf|video|link|file|url|website|youtube)
`;

export const wishfulPhrases = words`
  i (?:want|need|would like|'d like|wish|'m trying|am trying|am looking|'m looking|was wondering|am curious|'m curious|wonder),
  (?:can|could|would|will) you, curious (?:about|how|why|what), looking for,
  need(?:ed)? (?:to know|information|info|help|advice), tell me, true or false, claim, explain, is it true,
  let me know, any (?:tips|advice|idea|truth)
`;
