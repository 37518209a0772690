// What stands around a question in prompts and chats and says nothing of it. Each is taken off as long as any is there.
const openers: readonly RegExp[] = [
  /^(?:hi|hello|hey|greetings|good (?:morning|afternoon|evening)|dear (?:chatgpt|ai|assistant))(?: (?:there|chatgpt|gpt|assistant|ai|all|guys))?[\s,.!:-]+/i,
  /^(?:q|ques|question|prompt|instructions?|input|human|user|task)\s*:\s*/i,
  /^(?:please |kindly )?answer (?:me )?(?:the|this) (?:following )?(?:question|query)[\s.:,]*/i,
  /^(?:combine facts and answer this|here(?:'|’)?s (?:a|my) question|i have a question|quick question|question for you)[\s.:,-]*/i,
  /^(?:please|pls|plz|kindly|ok|okay|so|well|now|also|and)[\s,]+/i,
  /^(?:can|could|would|will) (?:you|u|someone|anyone)(?: (?:please|pls|kindly|possibly|help me(?: to)?))*[\s,]+/i,
  /^(?:i(?:'|’)?d|i would) (?:like|love)(?: for)? you to\s+/i,
  /^i (?:want|need) you to\s+/i,
  /^["“'‘*#>\s]+/,
];
const closers: readonly RegExp[] = [
  /\s*\n?\s*(?:a|ans|answer|response|output|assistant|solution)\s*:\s*$/i,
  /[\s.,;:!]*(?:let(?:'|’)?s (?:think|solve|answer)|think|explain|answer|solve it|reason)[\w\s,]* step[- ]by[- ]step[\s.:!]*$/i,
  /["”'’*\s]+$/,
];

/** A question without greetings, politeness and the cues of prompts ("Q:", "Answer:", "step by step"), to tell its form by. */
export function bareQuestion(text: string): string {
  let bare = text.trim();
  for (let before = ""; before !== bare; ) {
    before = bare;
    for (const edge of [...openers, ...closers]) bare = bare.replace(edge, "");
  }
  return bare || text.trim();
}
