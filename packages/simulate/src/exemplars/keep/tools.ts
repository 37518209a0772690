import { anyOf } from "./view.ts";

/** Needs something that a model without tools has not: the web, the moment, a file, a device, a picture. */
export const needsTools = anyOf(
  [
    /https?:\/\/\S+|\bwww\.\S+/i,
    /\b(?:search|browse|surf|google|look up)\b[^.?!\n]{0,20}\b(?:web|internet|online|google|website|for (?:the )?(?:latest|recent|current))\b/i,
    /\b(?:draw|paint|sketch|render|photoshop)\b(?: me)?(?: an?| the| some| my)\b(?! (?:\w+ )?(?:conclusions?|comparisons?|parallels?|distinctions?|links?|connections?|inferences?|lines?|picture of (?:how|why|what)))|\b(?:generate|create|make|show|design|send|give)(?: me| us)?(?: an?| the| some| \d+)?(?: \w+){0,2} (?:images?|pictures?|photos?|drawings?|illustrations?|logos?|memes?|ascii art|icons?|wallpapers?|videos?|gifs?|animations?|flyers?|posters?)\b/i,
    /\b(?:set|create|start|cancel|snooze|add)(?: up)? (?:an?|the|my) (?:\w+ )?(?:alarm|timer|reminder|calendar (?:event|entry)|event|appointment|meeting|countdown)\b|\bremind me (?:to|at|in|about|of|on)\b/i,
    /\b(?:send|forward|text|dial) (?:an? |the |my |him|her|them)?(?:[\w-]+ )?(?:e-?mail|message|text|sms|fax)?(?: to)? (?:my|mom|dad|to my|to \w+|john|him|her|them)\b|\bcall (?:my (?:mom|dad|wife|boss|husband)|mom|dad)\b/i,
    /(?:^|\b(?:please|can you|could you)\s+)(?:play|pause|skip|shuffle)\b (?:some|the|my|me|a) ?(?:song|music|jazz|rock|pop|playlist|video|album|radio|podcast|next|classical|\w+ music)|^(?:play|pause|stop|turn (?:on|off|up|down)|open|launch|close|download|navigate to|take me to) (?:some|the|my|me|this|that)\b/i,
    /(?:^|\b(?:please|you to)\s+)(?:book|order|reserve|buy|purchase|pay|schedule|rent|cancel)\b(?: me)?(?: an?| the| my| it| some)\b|\b(?:book|order|reserve|buy) (?:it|one|this|that|a \w+) for me\b|\bcan you (?:book|order|buy|reserve|schedule|pay|call|email|text) /i,
    /\bwhat(?:'s| is)? (?:the )?(?:current |exact )?(?:time|date|day)(?: is it)?(?: (?:now|today|right now|in \w+))?\s*\?*$|\bwhat day is (?:it|today)\b/i,
    /\b(?:right now|at the moment|currently trading|live score|as of (?:today|now)|today'?s (?:\w+ )?(?:weather|news|date|price|headlines|forecast|score|match)|latest news|current (?:price|weather|temperature|exchange rate|stock price|time|score)|weather (?:in \w+(?: \w+)? )?(?:now|today|tomorrow|this week(?:end)?)|(?:weather|temperature) (?:forecast|outside))\b/i,
    /\b(?:i(?:'ve| have)? (?:just )?(?:attached|uploaded)|(?:the|this|see|my) (?:attached|uploaded)|attached (?:file|pdf|document|image|photo|picture)|attachment|the (?:file|image|picture|photo|screenshot|pdf|spreadsheet|document|video) (?:i|that i|above|below|attached)|this (?:image|picture|photo|screenshot|pdf|video|link|file|url|website|youtube))\b/i,
    /\b(?:track my|check my|my (?:account|order|flight|calendar|inbox|bank account|location)|near me|nearest to me|translate this audio|text to speech|use the \w+ (?:tool|function|api))\b/i,
  ],
  "text",
);
