/** How a language says nothing where an answer is asked for; phrases stand apart by `|`. */
export interface NonAnswerPhrases {
  /** What may stand before them: apologies and the like. An apology alone is a refusal. */
  openers: string;
  apologies: string;
  /** An answer that begins so refuses, whatever follows. */
  refusals: string;
  /** An answer that begins so, and says little else, knows nothing. */
  unknowns: string;
  /** An answer that is nothing but this says nothing. */
  alone: string;
  /** A model speaks of itself, when it goes on with one of `me` or stops there. */
  selves: string;
  me: string;
}

/** Phrases of several parts, each way of saying one with each of the next. */
function crossed(...parts: readonly string[]): string {
  const ways = parts.map((part) => part.split("|"));
  return ways.reduce((begun, next) => begun.flatMap((start) => next.map((end) => `${start} ${end}`))).join("|");
}

const sayings = "say|mention|provide|specify|state|contain|include|give|explain|cover|answer|address";
/** "The documents do not mention": what each kind of source does not do. */
const silentSources = [
  crossed(
    "the text|this text|the given text|the provided text|the passage|this passage|the document|this document|the given document|the provided document|the context|the given context|the provided context|the article|the excerpt|the source",
    "does not|doesn't",
    sayings,
  ),
  crossed(
    "the documents|these documents|the given documents|the provided documents|none of the documents|the passages|the sources",
    "do not|don't",
    sayings,
  ),
].join("|");

/** By ISO 639-1 code, as people write them; case, accents and apostrophes do not count. */
export const nonAnswerPhrases: Readonly<Record<string, NonAnswerPhrases>> = {
  en: {
    openers: "unfortunately|regrettably|well|hmm|the answer is|my answer is|answer|but|however|and|no",
    apologies: "sorry|i'm sorry|i am sorry|so sorry|my apologies|i apologize|i apologise|apologies",
    refusals:
      "i can't help|i cannot help|i can not help|i can't assist|i cannot assist|i can't answer|i cannot answer|i can't provide|i cannot provide|i can't comply|i cannot comply|i can't fulfill|i cannot fulfill|i can't fulfil|i cannot fulfil|i can't do that|i cannot do that|i can't generate|i cannot generate|i can't create|i cannot create|i can't write|i cannot write|i can't discuss|i cannot discuss|i can't give you|i cannot give you|i can't offer|i cannot offer|i can't say for|i won't help|i won't answer|i won't provide|i won't be able|i will not help|i will not answer|i will not provide|i'm unable to|i am unable to|i'm not able to|i am not able to|i must decline|i have to decline|i decline to|i'd rather not answer|i would rather not answer|i'm not allowed to|i am not allowed to|i don't have access to|i do not have access to|i don't have enough information|i do not have enough information|i don't have any information|i do not have any information|i don't have information|i do not have information|i don't have personal|i do not have personal|i don't have opinions|i do not have opinions|i don't have feelings|i do not have feelings|i don't have real time|i do not have real time|i can't browse|i cannot browse|i can't access|i cannot access|i don't have the ability|i do not have the ability|i don't understand the question|i do not understand the question|i don't understand your|i do not understand your|i need more information|i need more context|could you please provide|could you please clarify|please provide more|please provide the|please rephrase|as requested, here is|i'm just an ai|i am just an ai|i'm just a language model|i am just a language model|i'm an ai|i am an ai|i'm a language model|i am a language model|i'm a large language model|i am a large language model",
    unknowns: `i don't know|i do not know|i'm not sure|i am not sure|i have no idea|i have no answer|no idea|i couldn't find|i could not find|not enough information|there isn't enough information|there is not enough information|there is no information|no information is|no information about|no answer is|there is no answer|i cannot say|i can't say|i cannot tell|i can't tell|not enough context|there is not enough context|there isn't enough context|there is no mention|no mention of|there is no answer to|none of the documents mention|none of the documents mentions|none of the documents say|none of the documents says|the question cannot be answered|this question cannot be answered|the answer is not given|the answer is not in the|the answer is not provided|the answer cannot be|it is not mentioned|it isn't mentioned|it is not specified|it is not stated|not mentioned in the|not specified in the|not provided in the|not stated in the|the answer to this question is not|the answer to the question is not|it cannot be determined|cannot be determined|can't be determined|${silentSources}`,
    alone:
      "n/a|not applicable|not available|not specified|not mentioned|not provided|not stated|not known|unknown|unanswerable|no answer|no information|no data|no comment|it depends|that depends|see above|see below|as above|same as above|as mentioned above|to be determined|to be announced|tbd|tba|answer|the answer|the answer is|the answer to the question is|the answer to this question is|your answer|your answer here|my answer|the question|sure|sure thing|of course|certainly|good question|great question|you're welcome|you are welcome",
    selves:
      "as an ai language model|as an ai model|as an ai assistant|as an ai|as a large language model|as a language model|as an artificial intelligence|as a chatbot|being an ai",
    me: "i|i'm|i am|my|it is not possible for me|trained by|developed by|created by|made by",
  },
  de: {
    openers: "leider|nun|also|die antwort ist|die antwort lautet|antwort|aber|und|nein",
    apologies: "tut mir leid|es tut mir leid|entschuldigung|verzeihung|entschuldige|ich bitte um entschuldigung|sorry",
    refusals:
      "ich kann ihnen dabei nicht|ich kann dir dabei nicht|ich kann dabei nicht helfen|ich kann damit nicht|ich kann ihnen nicht helfen|ich kann dir nicht helfen|ich kann dabei leider nicht|ich kann diese frage nicht|ich kann die frage nicht|ich kann das nicht|ich kann dazu keine|ich kann hierzu keine|ich kann diese anfrage nicht|ich kann ihre frage nicht|ich kann deine frage nicht|ich kann nicht helfen|ich kann nicht antworten|ich kann nicht beantworten|ich darf nicht|dabei kann ich nicht helfen|dabei kann ich dir nicht|dabei kann ich ihnen nicht|dabei kann ich leider nicht|das kann ich nicht beantworten|das kann ich leider nicht|darauf kann ich nicht antworten|ich bin nicht in der lage|ich habe keinen zugriff|ich habe keine informationen|ich habe nicht genügend informationen|ich bin nur ein sprachmodell|ich bin ein sprachmodell|ich bin eine ki",
    unknowns: [
      "ich weiß es nicht|ich weiß nicht|das weiß ich nicht|ich habe keine ahnung|keine ahnung|ich bin mir nicht sicher|ich bin nicht sicher|dazu liegen keine|dazu gibt es keine|es gibt keine informationen|der text sagt nicht|im text steht nicht|das dokument enthält keine|das dokument nennt|die frage kann nicht beantwortet|die frage lässt sich nicht|im text wird nicht|das wird nicht erwähnt|ich weiß das nicht|ich weiß das leider nicht|ich weiß es leider nicht",
      crossed(
        "der text|dieser text|das dokument|dieses dokument|der abschnitt|der kontext|die dokumente|die texte",
        "enthält|enthalten|nennt|nennen|erwähnt|erwähnen|liefert|liefern|gibt|geben|sagt",
        "keine|kein|nicht|dazu keine|dazu nichts|darüber nichts|nichts",
      ),
    ].join("|"),
    alone:
      "unbekannt|keine angabe|keine angaben|k.a.|k. a.|nicht verfügbar|nicht bekannt|nicht angegeben|nicht zutreffend|keine antwort|es kommt darauf an|kommt darauf an|siehe oben|siehe unten|entfällt|antwort|deine antwort|ihre antwort",
    selves: "als ki-sprachmodell|als ki-modell|als ki-assistent|als ki|als sprachmodell|als künstliche intelligenz",
    me: "kann ich|habe ich|bin ich|darf ich|ich|weiß ich|besitze ich",
  },
  fr: {
    openers: "malheureusement|eh bien|la réponse est|réponse|mais|et|non|alors",
    apologies: "désolé|désolée|je suis désolé|je suis désolée|je m'excuse|excusez-moi|pardon|toutes mes excuses",
    refusals:
      "je ne peux pas|je ne peux malheureusement pas|je ne suis pas en mesure|je ne suis pas capable|je ne suis pas autorisé|je suis incapable de|je ne puis|je n'ai pas accès|je n'ai pas d'information|je n'ai pas d'informations|je n'ai pas assez d'informations|je n'ai pas suffisamment d'informations|il m'est impossible|je refuse de|je ne dispose pas|je suis un modèle de langage|je ne suis qu'un modèle de langage|je suis une ia|je ne suis qu'une ia|je ne comprends pas la question|je ne comprends pas votre question",
    unknowns: [
      "je ne sais pas|je n'en sais rien|je l'ignore|aucune idée|je n'ai aucune idée|je ne suis pas sûr|je ne suis pas sûre|le texte ne dit pas|le texte ne précise pas|le texte ne mentionne pas|le document ne dit pas|le document ne précise pas|le document ne mentionne pas|il n'y a pas d'information|il n'y a aucune information|aucune information n'est|on ne peut pas répondre|ce n'est pas mentionné|ce n'est pas précisé",
      crossed(
        "le texte|ce texte|le document|ce document|le passage|le contexte|les documents|ces documents",
        "ne contient|ne contiennent|ne mentionne|ne mentionnent|ne fournit|ne fournissent|ne précise|ne précisent|ne donne|ne donnent|n'indique|n'indiquent|ne dit|ne disent",
        "pas|rien|aucune",
      ),
    ].join("|"),
    alone:
      "inconnu|inconnue|non disponible|non précisé|non spécifié|non applicable|sans objet|pas de réponse|aucune réponse|aucune information|cela dépend|ça dépend|voir ci-dessus|voir plus haut|votre réponse|la réponse|réponse",
    selves:
      "en tant que modèle de langage|en tant que modèle d'ia|en tant que modèle linguistique|en tant qu'ia|en tant qu'intelligence artificielle|en tant qu'assistant",
    me: "je|j'|il m'est",
  },
  es: {
    openers: "lamentablemente|desafortunadamente|por desgracia|bueno|pues|la respuesta es|respuesta|pero|y|no",
    apologies: "lo siento|lo siento mucho|perdón|perdona|disculpa|disculpe|mis disculpas|lamento",
    refusals:
      "no puedo ayudar|no puedo ayudarte|no puedo ayudarle|no puedo responder|no puedo contestar|no puedo proporcionar|no puedo ofrecer|no puedo dar|no puedo hacer eso|no puedo cumplir|no puedo generar|no puedo escribir|no me es posible|no soy capaz de|no estoy autorizado|no tengo acceso|no tengo información|no tengo suficiente información|no dispongo de|no te puedo|no le puedo|me temo que no|soy un modelo de lenguaje|solo soy un modelo|soy una ia|no entiendo la pregunta|no entiendo tu pregunta",
    unknowns: [
      "no lo sé|no sé|no tengo idea|ni idea|no tengo ni idea|no estoy seguro|no estoy segura|desconozco|el texto no dice|el texto no menciona|el documento no dice|el documento no menciona|el documento no especifica|no hay información|no se menciona|no se especifica|no se puede responder|no se puede determinar|la pregunta no se puede",
      crossed(
        "el texto|este texto|el documento|este documento|el pasaje|el contexto|los documentos|estos documentos",
        "no",
        "menciona|mencionan|dice|dicen|contiene|contienen|proporciona|proporcionan|especifica|especifican|indica|indican|ofrece|ofrecen",
      ),
    ].join("|"),
    alone:
      "desconocido|se desconoce|no disponible|no especificado|no aplica|no aplicable|sin respuesta|sin información|depende|ver arriba|véase arriba|tu respuesta|su respuesta|respuesta|la respuesta",
    selves:
      "como modelo de lenguaje|como un modelo de lenguaje|como modelo de ia|como inteligencia artificial|como una inteligencia artificial|como ia|como asistente de ia",
    me: "no puedo|no tengo|yo|me|mi|soy",
  },
  it: {
    openers: "purtroppo|sfortunatamente|beh|allora|la risposta è|risposta|ma|e|no",
    apologies: "mi dispiace|mi spiace|scusa|scusi|chiedo scusa|spiacente|sono spiacente",
    refusals:
      "non posso aiutarti|non posso aiutarla|non posso aiutare|non posso rispondere|non posso fornire|non posso dare|non posso farlo|non posso soddisfare|non posso generare|non sono in grado di|non mi è possibile|non sono autorizzato|non ho accesso|non ho informazioni|non ho abbastanza informazioni|non dispongo di|sono un modello linguistico|sono solo un modello|sono un'ia|non capisco la domanda",
    unknowns: [
      "non lo so|non so|non ne ho idea|non ho idea|nessuna idea|non sono sicuro|non sono sicura|il testo non dice|il testo non menziona|il documento non dice|il documento non menziona|non ci sono informazioni|non è specificato|non è menzionato|non viene menzionato|non si può rispondere",
      crossed(
        "il testo|questo testo|il documento|questo documento|il brano|il contesto|i documenti|questi documenti",
        "non|non lo",
        "dice|dicono|menziona|menzionano|contiene|contengono|fornisce|forniscono|specifica|specificano|indica|indicano",
      ),
    ].join("|"),
    alone:
      "sconosciuto|non disponibile|non specificato|non applicabile|non noto|nessuna risposta|nessuna informazione|dipende|vedi sopra|la tua risposta|risposta|la risposta",
    selves:
      "come modello linguistico|come modello di linguaggio|come intelligenza artificiale|in quanto modello linguistico|in quanto ia|come ia",
    me: "non posso|non ho|io|mi|sono",
  },
  pt: {
    openers: "infelizmente|lamentavelmente|bem|a resposta é|resposta|mas|e|não",
    apologies: "desculpe|desculpa|sinto muito|lamento|peço desculpa|peço desculpas|me desculpe|perdão",
    refusals:
      "não posso ajudar|não posso ajudá-lo|não posso responder|não posso fornecer|não posso dar|não posso fazer isso|não posso cumprir|não posso gerar|não consigo ajudar|não consigo responder|não consigo fornecer|não me é possível|não sou capaz de|não estou autorizado|não tenho acesso|não tenho informações|não tenho informação|não tenho informações suficientes|eu não posso|sou um modelo de linguagem|sou apenas um modelo|sou uma ia|não entendo a pergunta|não entendi a pergunta",
    unknowns: [
      "não sei|eu não sei|não faço ideia|não tenho ideia|sem ideia|não tenho certeza|não estou certo|desconheço|o texto não diz|o texto não menciona|o documento não diz|o documento não menciona|não há informação|não há informações|não é mencionado|não é possível responder",
      crossed(
        "o texto|este texto|o documento|este documento|a passagem|o contexto|os documentos|estes documentos",
        "não",
        "menciona|mencionam|diz|dizem|contém|contêm|fornece|fornecem|especifica|especificam|informa|informam",
      ),
    ].join("|"),
    alone:
      "desconhecido|não disponível|não especificado|não aplicável|não se aplica|sem resposta|sem informação|depende|ver acima|sua resposta|a resposta|resposta",
    selves:
      "como modelo de linguagem|como um modelo de linguagem|como inteligência artificial|como uma inteligência artificial|como ia|como uma ia",
    me: "não posso|não tenho|eu|me|sou|não consigo",
  },
  nl: {
    openers: "helaas|jammer genoeg|nou|het antwoord is|antwoord|maar|en|nee",
    apologies: "sorry|het spijt me|mijn excuses|excuses|pardon",
    refusals:
      "ik kan je daar niet|ik kan u daar niet|ik kan je niet helpen|ik kan u niet helpen|ik kan hier niet|ik kan daar niet|ik kan niet helpen|ik kan deze vraag niet|ik kan die vraag niet|ik kan dat niet|ik kan geen antwoord|ik kan niet antwoorden|ik ben niet in staat|ik mag niet|ik heb geen toegang|ik heb geen informatie|ik heb niet genoeg informatie|daar kan ik niet|daar kan ik je niet|ik ben een taalmodel|ik ben slechts een taalmodel|ik begrijp de vraag niet",
    unknowns: [
      "ik weet het niet|ik weet niet|dat weet ik niet|geen idee|ik heb geen idee|ik ben niet zeker|ik weet het niet zeker|de tekst zegt niet|de tekst vermeldt niet|het document vermeldt niet|er is geen informatie|dat wordt niet vermeld|de vraag kan niet|ik weet dat niet",
      crossed(
        "de tekst|deze tekst|het document|dit document|de passage|de context|de documenten|deze documenten",
        "vermeldt|vermelden|bevat|bevatten|zegt|zeggen|geeft|geven|noemt|noemen",
        "niet|geen|dit niet|dat niet|niets",
      ),
    ].join("|"),
    alone:
      "onbekend|niet beschikbaar|niet gespecificeerd|niet van toepassing|n.v.t.|nvt|geen antwoord|geen informatie|dat hangt ervan af|zie boven|zie hierboven|jouw antwoord|uw antwoord|antwoord",
    selves: "als ai-taalmodel|als taalmodel|als ai|als ai-assistent|als kunstmatige intelligentie",
    me: "kan ik|heb ik|ben ik|ik|mag ik",
  },
  sv: {
    openers: "tyvärr|svaret är|svar|men|och|nej",
    apologies: "förlåt|ursäkta|jag ber om ursäkt|jag är ledsen|beklagar|jag beklagar",
    refusals:
      "jag kan inte hjälpa|jag kan inte svara|jag kan inte besvara|jag kan inte ge|jag kan inte göra|jag kan tyvärr inte|kan jag inte|kan jag tyvärr inte|det kan jag inte|jag har inte tillgång|jag har ingen information|jag har inte tillräckligt|jag får inte|jag är en språkmodell|jag är bara en språkmodell|jag förstår inte frågan",
    unknowns:
      "jag vet inte|det vet jag inte|ingen aning|jag har ingen aning|jag är inte säker|texten säger inte|texten nämner inte|dokumentet nämner inte|det finns ingen information|det framgår inte",
    alone:
      "okänt|okänd|ej tillgängligt|ej tillämpligt|inte angivet|inget svar|ingen information|det beror på|se ovan|ditt svar|svar",
    selves: "som en språkmodell|som språkmodell|som en ai|som ai|som en ai-modell",
    me: "kan jag|har jag|jag|är jag",
  },
  da: {
    openers: "desværre|svaret er|svar|men|og|nej",
    apologies: "undskyld|beklager|jeg beklager|det beklager jeg|jeg er ked af det",
    refusals:
      "jeg kan ikke hjælpe|jeg kan ikke svare|jeg kan ikke besvare|jeg kan ikke give|jeg kan desværre ikke|det kan jeg ikke|jeg har ikke adgang|jeg har ingen oplysninger|jeg har ikke nok|jeg må ikke|jeg er en sprogmodel|jeg er bare en sprogmodel|jeg forstår ikke spørgsmålet",
    unknowns:
      "jeg ved det ikke|jeg ved ikke|det ved jeg ikke|ingen anelse|jeg har ingen anelse|jeg er ikke sikker|teksten siger ikke|teksten nævner ikke|dokumentet nævner ikke|der er ingen oplysninger",
    alone:
      "ukendt|ikke tilgængelig|ikke angivet|ikke relevant|intet svar|ingen oplysninger|det kommer an på|se ovenfor|dit svar|svar",
    selves: "som en sprogmodel|som sprogmodel|som en ai|som ai",
    me: "kan jeg|har jeg|jeg|er jeg",
  },
  no: {
    openers: "dessverre|svaret er|svar|men|og|nei",
    apologies: "beklager|jeg beklager|unnskyld|unnskyld meg",
    refusals:
      "jeg kan ikke hjelpe|jeg kan ikke svare|jeg kan ikke besvare|jeg kan ikke gi|jeg kan dessverre ikke|det kan jeg ikke|jeg har ikke tilgang|jeg har ingen informasjon|jeg er en språkmodell|jeg er bare en språkmodell|jeg forstår ikke spørsmålet",
    unknowns:
      "jeg vet ikke|det vet jeg ikke|ingen anelse|jeg aner ikke|jeg har ingen anelse|jeg er ikke sikker|teksten sier ikke|teksten nevner ikke",
    alone:
      "ukjent|ikke tilgjengelig|ikke oppgitt|ikke aktuelt|ingen svar|ingen informasjon|det kommer an på|se ovenfor|ditt svar|svar",
    selves: "som en språkmodell|som språkmodell|som en ai|som en ki|som ki",
    me: "kan jeg|har jeg|jeg|er jeg",
  },
  pl: {
    openers: "niestety|cóż|odpowiedź brzmi|odpowiedź to|odpowiedź|ale|i|nie",
    apologies: "przepraszam|przykro mi|bardzo przepraszam|wybacz|proszę wybaczyć",
    refusals:
      "nie mogę na to|nie mogę na nie|nie mogę na tak|nie mogę pomóc|nie mogę ci pomóc|nie mogę w tym pomóc|nie mogę odpowiedzieć|nie mogę udzielić|nie mogę podać|nie mogę tego|nie jestem w stanie|nie mam dostępu|nie mam informacji|nie mam wystarczających|nie wolno mi|jestem modelem językowym|jestem tylko modelem|nie rozumiem pytania",
    unknowns:
      "nie wiem|nie mam pojęcia|nie jestem pewien|nie jestem pewna|tekst nie mówi|tekst nie wspomina|dokument nie wspomina|brak informacji|nie ma informacji|nie podano|nie można odpowiedzieć",
    alone:
      "nieznane|nieznany|niedostępne|nie dotyczy|nie określono|brak odpowiedzi|brak danych|to zależy|zależy|patrz wyżej|twoja odpowiedź|odpowiedź",
    selves: "jako model językowy|jako sztuczna inteligencja|jako ai|jako si|jako asystent",
    me: "nie mogę|nie mam|ja|nie jestem",
  },
  cs: {
    openers: "bohužel|odpověď je|odpověď zní|odpověď|ale|a|ne",
    apologies: "omlouvám se|promiňte|promiň|je mi líto|lituji",
    refusals:
      "nemohu vám pomoci|nemohu ti pomoci|nemohu pomoci|nemohu s tím pomoci|s tím vám nemohu|s tím nemohu|nemohu odpovědět|na to nemohu|nemohu poskytnout|nemůžu pomoct|nemůžu odpovědět|nejsem schopen|nemám přístup|nemám informace|nemám dostatek|jsem jazykový model|jsem jen jazykový model|nerozumím otázce",
    unknowns:
      "nevím|nemám tušení|netuším|nejsem si jistý|nejsem si jistá|text neříká|text neuvádí|dokument neuvádí|není uvedeno|nejsou informace",
    alone:
      "neznámo|neznámý|není k dispozici|neuvedeno|není známo|bez odpovědi|záleží|to záleží|viz výše|vaše odpověď|odpověď",
    selves: "jako jazykový model|jako umělá inteligence|jako ai",
    me: "nemohu|nemám|já|nejsem",
  },
  ru: {
    openers: "к сожалению|увы|ответ|ответ на этот вопрос|но|и|нет|ну",
    apologies: "извините|простите|прошу прощения|мне жаль|мне очень жаль|извини|прости|сожалею",
    refusals:
      "я не могу помочь|не могу помочь|я не могу вам помочь|я не могу с этим помочь|не могу с этим помочь|я не могу ответить|не могу ответить|я не могу предоставить|не могу предоставить|я не могу дать|я не могу выполнить|не могу выполнить|я не могу обсуждать|не могу обсуждать|я не могу это|я не в состоянии|у меня нет доступа|у меня нет информации|у меня нет данных|у меня недостаточно|мне недостаточно|я языковая модель|я всего лишь языковая|я искусственный интеллект|я не понимаю вопрос|я не понял вопрос",
    unknowns: [
      "я не знаю|не знаю|понятия не имею|я не уверен|я не уверена|затрудняюсь ответить|в тексте не сказано|в тексте не указано|в тексте не упоминается|в документе не указано|в документе не упоминается|нет информации|информация отсутствует|невозможно ответить|не указано в",
      crossed(
        "текст|этот текст|документ|этот документ|документы|контекст|в тексте|в документе|в документах|в контексте",
        "не",
        "содержит|содержат|упоминает|упоминают|упоминается|указано|указывается|говорится|сказано|даёт",
      ),
    ].join("|"),
    alone:
      "неизвестно|неизвестен|не указано|не применимо|неприменимо|нет ответа|нет данных|нет информации|недоступно|зависит|это зависит|смотря|см. выше|ваш ответ|ответ|н/д",
    selves:
      "как языковая модель|как ии|как искусственный интеллект|будучи языковой моделью|будучи искусственным интеллектом",
    me: "я|у меня|не могу|мне",
  },
  uk: {
    openers: "на жаль|відповідь|але|і|ні",
    apologies: "вибачте|вибач|пробачте|перепрошую|мені шкода",
    refusals:
      "я не можу допомогти|не можу допомогти|я не можу з цим допомогти|я не можу вам|я не можу відповісти|не можу відповісти|я не можу надати|не можу надати|я не в змозі|у мене немає доступу|у мене немає інформації|я мовна модель|я лише мовна модель|я не розумію питання",
    unknowns:
      "я не знаю|не знаю|гадки не маю|поняття не маю|я не впевнений|я не впевнена|у тексті не сказано|у тексті не зазначено|немає інформації|інформація відсутня",
    alone:
      "невідомо|не вказано|не застосовується|немає відповіді|немає даних|залежить|це залежить|див. вище|ваша відповідь|відповідь",
    selves: "як мовна модель|як ші|як штучний інтелект",
    me: "я|у мене|не можу",
  },
  tr: {
    openers: "maalesef|ne yazık ki|cevap|yanıt|ama|ve|hayır",
    apologies: "üzgünüm|özür dilerim|kusura bakmayın|kusura bakma|afedersiniz|pardon",
    refusals:
      "bu konuda yardımcı olamam|size yardımcı olamam|yardımcı olamam|yardımcı olamıyorum|bu konuda yardımcı olamıyorum|bu soruya cevap veremem|bu soruya yanıt veremem|bu soruyu yanıtlayamam|bu soruyu cevaplayamam|cevap veremem|yanıt veremem|bunu yapamam|bu isteği yerine getiremem|erişimim yok|bilgim yok|bu konuda bilgim yok|yeterli bilgim yok|ben bir dil modeliyim|ben bir yapay zekayım|soruyu anlamadım",
    unknowns:
      "bilmiyorum|hiçbir fikrim yok|fikrim yok|emin değilim|metinde belirtilmemiş|metinde belirtilmiyor|belgede belirtilmemiş|bilgi yok|bilgi bulunmamaktadır",
    alone:
      "bilinmiyor|belirtilmemiş|mevcut değil|geçerli değil|cevap yok|yanıt yok|duruma göre değişir|duruma bağlı|yukarıya bakın|cevabınız|cevap|yanıt",
    selves:
      "bir dil modeli olarak|bir yapay zeka dil modeli olarak|bir yapay zeka olarak|yapay zeka olarak|yapay zeka modeli olarak",
    me: "ben|benim|bu konuda|cevap|yanıt",
  },
  fi: {
    openers: "valitettavasti|vastaus on|vastaus|mutta|ja|ei",
    apologies: "anteeksi|olen pahoillani|pahoittelen|pahoittelut",
    refusals:
      "en voi auttaa|en voi vastata|en voi antaa|en voi tehdä|en pysty auttamaan|en pysty vastaamaan|en pysty antamaan|minulla ei ole pääsyä|minulla ei ole tietoa|minulla ei ole tarpeeksi|olen kielimalli|olen vain kielimalli|en ymmärrä kysymystä",
    unknowns:
      "en tiedä|minulla ei ole aavistustakaan|ei aavistustakaan|en ole varma|tekstissä ei|asiakirjassa ei|tietoa ei ole|sitä ei mainita",
    alone:
      "tuntematon|ei tiedossa|ei saatavilla|ei sovellettavissa|ei vastausta|ei tietoa|riippuu|se riippuu|katso yllä|vastauksesi|vastaus",
    selves: "kielimallina|tekoälynä|tekoälymallina",
    me: "en|minulla|minä|en voi",
  },
  id: {
    openers: "sayangnya|jawabannya adalah|jawaban|tetapi|tapi|dan|tidak",
    apologies: "maaf|mohon maaf|saya minta maaf|maafkan saya|saya mohon maaf",
    refusals:
      "saya tidak bisa membantu|saya tidak dapat membantu|saya tidak bisa menjawab|saya tidak dapat menjawab|saya tidak bisa memberikan|saya tidak dapat memberikan|saya tidak dapat memenuhi|saya tidak mampu|saya tidak memiliki akses|saya tidak memiliki informasi|saya tidak punya informasi|saya adalah model bahasa|saya hanya model bahasa|saya tidak mengerti pertanyaan",
    unknowns:
      "saya tidak tahu|tidak tahu|saya kurang tahu|saya tidak yakin|tidak ada informasi|teks tidak menyebutkan|dokumen tidak menyebutkan|tidak disebutkan",
    alone:
      "tidak diketahui|tidak tersedia|tidak disebutkan|tidak berlaku|tidak ada jawaban|tidak ada informasi|tergantung|lihat di atas|jawaban anda|jawaban",
    selves: "sebagai model bahasa|sebagai ai|sebagai kecerdasan buatan|sebagai asisten ai|sebagai model ai",
    me: "saya",
  },
  vi: {
    openers: "rất tiếc|thật không may|câu trả lời là|trả lời|nhưng|và|không",
    apologies: "xin lỗi|tôi xin lỗi|rất xin lỗi|rất tiếc",
    refusals:
      "tôi không thể giúp|tôi không thể trả lời|tôi không thể cung cấp|tôi không thể đáp ứng|tôi không thể thực hiện|tôi không có quyền truy cập|tôi không có thông tin|tôi không có đủ thông tin|tôi là một mô hình ngôn ngữ|tôi chỉ là một mô hình|tôi không hiểu câu hỏi",
    unknowns:
      "tôi không biết|không biết|tôi không chắc|tôi không rõ|không có thông tin|văn bản không đề cập|tài liệu không đề cập",
    alone:
      "không rõ|không xác định|không áp dụng|không có câu trả lời|tùy|còn tùy|xem ở trên|câu trả lời của bạn|câu trả lời",
    selves: "là một mô hình ngôn ngữ|với tư cách là một mô hình ngôn ngữ|là một ai|với tư cách là một ai",
    me: "tôi",
  },
  ar: {
    openers: "للأسف|مع الأسف|الإجابة هي|الجواب هو|الجواب|لكن|و|لا",
    apologies: "آسف|أنا آسف|عذرا|عذرًا|أعتذر|معذرة|المعذرة",
    refusals:
      "لا أستطيع المساعدة|لا أستطيع مساعدتك|لا أستطيع الإجابة|لا أستطيع تقديم|لا أستطيع ذلك|لا يمكنني المساعدة|لا يمكنني مساعدتك|لا يمكنني الإجابة|لا يمكنني تقديم|لا يمكنني ذلك|لست قادرا|ليس لدي معلومات|لا أملك معلومات|ليس لدي إمكانية|أنا نموذج لغوي|لم أفهم السؤال",
    unknowns:
      "لا أعرف|لا أعلم|لا أدري|ليس لدي فكرة|لست متأكدا|لست متأكدة|لا توجد معلومات|لم يذكر النص|النص لا يذكر|لم يرد في النص",
    alone:
      "غير معروف|غير معلوم|غير متوفر|غير متاح|غير محدد|لا ينطبق|لا توجد إجابة|لا توجد معلومات|يعتمد|انظر أعلاه|إجابتك|الإجابة",
    selves: "كنموذج لغوي|بصفتي نموذج لغوي|بصفتي نموذجا لغويا|كذكاء اصطناعي|بصفتي ذكاء اصطناعي|بصفتي ذكاء اصطناعيا",
    me: "لا أستطيع|لا يمكنني|أنا|ليس لدي|لا",
  },
  hi: {
    openers: "दुर्भाग्य से|उत्तर है|उत्तर|लेकिन|और|नहीं",
    apologies: "क्षमा करें|माफ़ करें|माफ करें|मुझे खेद है|माफ़ कीजिए|माफ कीजिए|मुझे माफ़ करें",
    refusals:
      "मैं इसमें मदद नहीं|मैं इसमें आपकी मदद नहीं|मैं आपकी मदद नहीं|मैं आपकी सहायता नहीं|मैं मदद नहीं|मैं इसका उत्तर नहीं|मैं इस प्रश्न का उत्तर नहीं|मैं उत्तर नहीं|मैं जवाब नहीं|मैं यह नहीं कर|मैं जानकारी नहीं|मेरे पास जानकारी नहीं|मेरे पास इसकी जानकारी नहीं|मेरे पास पर्याप्त जानकारी नहीं|मैं एक भाषा मॉडल|मैं सिर्फ एक भाषा मॉडल",
    unknowns:
      "मुझे नहीं पता|मुझे पता नहीं|मैं नहीं जानता|मैं नहीं जानती|पता नहीं|मुझे यकीन नहीं|कोई जानकारी नहीं|पाठ में नहीं|दस्तावेज़ में नहीं",
    alone: "अज्ञात|उपलब्ध नहीं|लागू नहीं|कोई उत्तर नहीं|ज्ञात नहीं|यह निर्भर करता है|निर्भर करता है|ऊपर देखें|आपका उत्तर|उत्तर",
    selves: "एक भाषा मॉडल के रूप में|एक एआई के रूप में|एआई के रूप में|एक ai के रूप में|एक एआई भाषा मॉडल के रूप में",
    me: "मैं|मेरे|मुझे",
  },
  zh: {
    openers: "很遗憾|遗憾的是|答案是|答案|但是|但|不",
    apologies: "对不起|抱歉|很抱歉|非常抱歉|不好意思|對不起|十分抱歉",
    refusals:
      "我无法|我不能提供|我不能回答|我不能帮|我不能协助|我不能满足|我不能为您|我没有办法|我没办法|我没有足够的信息|我没有相关信息|我没有关于|我没有权限|我不便|无法回答|无法提供|不能回答这个|我無法|我只是一个|我是一个人工智能|我是人工智能|我是一个语言模型|我是一个大型语言模型|我不明白您的问题|我不理解您的问题|请提供更多",
    unknowns:
      "我不知道|不知道|我不清楚|不清楚|我不确定|不确定|没有相关信息|文中没有|文中未|文档中没有|文档没有|文档未|资料中没有|没有提到|未提及|未提到|没有足够的信息|信息不足",
    alone:
      "未知|不详|不明|暂无|无可奉告|不适用|没有答案|无答案|视情况而定|看情况|见上文|如上|你的答案|您的答案|答案|待定",
    selves:
      "作为一个人工智能语言模型|作为人工智能语言模型|作为一个人工智能|作为人工智能|作为一个ai语言模型|作为ai语言模型|作为一个ai|作为ai|作为一个语言模型|作为语言模型|作为一个大型语言模型|作为大型语言模型|作为一个助手",
    me: "我|无法|不能",
  },
  ja: {
    openers: "残念ながら|残念ですが|答えは|回答は|答え|しかし|いいえ",
    apologies:
      "申し訳ありません|申し訳ございません|すみません|ごめんなさい|恐れ入りますが|大変申し訳ありません|大変申し訳ございません|申し訳ありませんが|申し訳ございませんが|すみませんが",
    refusals:
      "お答えできません|お答えすることはできません|お答えすることができません|回答できません|回答することはできません|お手伝いできません|お手伝いすることはできません|お役に立てません|その質問にはお答え|そのご質問にはお答え|この質問にはお答え|ご質問にはお答え|その質問には答え|この質問には答え|それはできません|そのご要望には|そのリクエストには|提供できません|情報を持っていません|情報がありません|私は言語モデル|私はaiなので|私はai|質問の意味がわかりません",
    unknowns:
      "わかりません|分かりません|知りません|存じません|私にはわかりません|私は知りません|はっきりとはわかりません|不明です|情報が不足|情報は記載されていません|記載されていません|本文には|文書には記載",
    alone:
      "不明|未定|該当なし|該当しません|回答なし|答えなし|場合による|場合によります|上記参照|上記の通り|あなたの答え|回答|答え",
    selves: "aiとして|ai言語モデルとして|言語モデルとして|大規模言語モデルとして|人工知能として|aiアシスタントとして",
    me: "私|お答え|回答",
  },
  ko: {
    openers: "아쉽게도|안타깝게도|안타깝게도|유감스럽게도|답은|정답은|답변은|답|하지만|아니요",
    apologies: "죄송합니다|죄송하지만|미안합니다|미안하지만|죄송합니다만|유감입니다|사과드립니다",
    refusals:
      "답변을 드릴 수 없|답변드릴 수 없|대답할 수 없|도와드릴 수 없습니다|도와 드릴 수 없습니다|도움을 드릴 수 없습니다|답변할 수 없습니다|답변드릴 수 없습니다|답변을 드릴 수 없습니다|대답할 수 없습니다|제공할 수 없습니다|그 질문에는 답|이 질문에는 답|이 질문에 답변|그 요청|해당 요청|저는 도와|저는 그|정보를 가지고 있지|정보가 없습니다|저는 언어 모델|저는 ai|저는 인공지능|질문을 이해하지",
    unknowns:
      "모르겠습니다|모릅니다|잘 모르겠습니다|저는 모릅니다|모르겠어요|몰라요|확실하지 않습니다|알 수 없습니다|본문에는|문서에는 언급|언급되지 않았|정보가 부족",
    alone:
      "알 수 없음|미상|불명|해당 없음|답변 없음|정보 없음|상황에 따라 다릅니다|경우에 따라 다릅니다|위 참조|위와 같음|당신의 답변|답변|정답|미정",
    selves: "ai 언어 모델로서|언어 모델로서|인공지능으로서|ai로서|대규모 언어 모델로서|ai 모델로서|ai 어시스턴트로서",
    me: "저는|저|제가|답변",
  },
  el: {
    openers: "δυστυχώς|η απάντηση είναι|απάντηση|αλλά|και|όχι",
    apologies: "συγγνώμη|λυπάμαι|ζητώ συγγνώμη|με συγχωρείτε",
    refusals:
      "δεν μπορώ να βοηθήσω|δεν μπορώ να σας βοηθήσω|δεν μπορώ να σε βοηθήσω|δεν μπορώ να απαντήσω|δεν μπορώ να δώσω|δεν μπορώ να παρέχω|δεν είμαι σε θέση|δεν έχω πρόσβαση|δεν έχω πληροφορίες|είμαι ένα γλωσσικό μοντέλο|δεν καταλαβαίνω την ερώτηση",
    unknowns:
      "δεν ξέρω|δεν γνωρίζω|δεν έχω ιδέα|καμία ιδέα|δεν είμαι σίγουρος|δεν είμαι σίγουρη|το κείμενο δεν|δεν υπάρχουν πληροφορίες|δεν αναφέρεται",
    alone: "άγνωστο|άγνωστος|μη διαθέσιμο|δεν ισχύει|καμία απάντηση|εξαρτάται|βλέπε παραπάνω|η απάντησή σας|απάντηση",
    selves: "ως γλωσσικό μοντέλο|ως μοντέλο τεχνητής νοημοσύνης|ως τεχνητή νοημοσύνη",
    me: "δεν μπορώ|δεν έχω|εγώ|δεν",
  },
  he: {
    openers: "לצערי|למרבה הצער|התשובה היא|תשובה|אבל|לא",
    apologies: "סליחה|אני מצטער|אני מצטערת|מצטער|מצטערת|אני מתנצל",
    refusals:
      "אני לא יכול לעזור|אני לא יכולה לעזור|איני יכול לעזור|איני יכול לענות|אני לא יכול לענות|אני לא יכול לספק|אינני יכול|אין לי גישה|אין לי מידע|אני מודל שפה|אני לא מבין את השאלה",
    unknowns: "אני לא יודע|אני לא יודעת|איני יודע|אינני יודע|אין לי מושג|אני לא בטוח|אני לא בטוחה|הטקסט לא|אין מידע",
    alone: "לא ידוע|לא זמין|לא רלוונטי|אין תשובה|אין מידע|תלוי|ראה לעיל|התשובה שלך|תשובה",
    selves: "כמודל שפה|בתור מודל שפה|כבינה מלאכותית|בתור בינה מלאכותית",
    me: "אני|אין לי|איני",
  },
};
