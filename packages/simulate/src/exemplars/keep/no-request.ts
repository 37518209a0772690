import type { Rule } from "./view.ts";

const asks = /[?？؟]|_{3,}|\b(?:what|who|whom|whose|which|when|where|why|how|whats|wheres|whos|hows|whether)\b/i;
const orders =
  /(?:^|[.!?:\n]\s+)(?:\W*)(?:(?:please|also|then|briefly|concisely|in (?:detail|short|brief|your own words|\d+ words)|as an? [^,]{3,40},|based on [^,]{3,60},|using [^,]{3,60},|for [^,]{3,40},|in [^,]{3,40},|with [^,]{3,60},)\s*)*(?:explain|describe|discuss|compare|contrast|define|list|name|identify|outline|analy[sz]e|evaluate|assess|summari[sz]e|state|mention|give|provide|tell|show|write|create|recommend|suggest|plan|elaborate|examine|illustrate|interpret|verify|check|fact[- ]?check|share|research|present|review|teach|detail|enumerate|differentiate|distinguish|explore|investigate|highlight|justify|argue|determine|trace|specify|clarify|classify|categori[sz]e|cite|report|predict|estimate|rank|prepare|develop|generate|propose|describe|help me (?:understand|learn|find)|shed light|walk me through|talk about|introduce|demonstrate|consider|find|choose|select|combine|make|draft|produce|compile|construct|design|formulate|devise|brief|sum up|advise|answer|debunk|support|expand|imagine|suppose|assume|relate|characteri[sz]e|point out|search|look at|read up|match|pick|rate|translate|fill|complete)\b/i;
const wishes =
  /\b(?:i (?:want|need|would like|'d like|wish|'m trying|am trying|am looking|'m looking|was wondering|am curious|'m curious|wonder)|(?:can|could|would|will) you|curious (?:about|how|why|what)|looking for|need(?:ed)? (?:to know|information|info|help|advice)|tell me|true or false|claim|explain|is it true|let me know|any (?:tips|advice|idea|truth))\b/i;
// "symptoms of iron deficiency", "history of jazz": how people type to a search engine.
const topics =
  /^(?:the |a |an |main |key |some |brief |short |best |top |early |\d+ )*(?:causes?|symptoms?|treatments?|history|origins?|differences?|similarit(?:y|ies)|benefits?|advantages?|disadvantages|types?|kinds?|examples?|meaning|definition|importance|effects?|impacts?|uses?|role|functions?|structure|population|capital|list|biography|life|plot|summary|overview|pros(?: and cons)?|ways?|steps|tips|reasons?|characteristics|features|principles|theor(?:y|ies)|process|rules|consequences|comparison|relationship|timeline|side effects|risk factors|introduction|analysis|explanation|description|requirements|recipe|properties|phases|stages|components|parts|names?)\b.*\b(?:of|for|in|between|to|about|behind|on)\b/i;
// A statement that breaks off where the answer stands.
const unfinished = /\b(?:is|was|are|were|in|by|the|of|called|as|named)\s*(?:[:…]|\.\.\.)?\s*$/i;

/** For English: neither a question nor an order nor a topic. What people say of themselves asks for no knowledge. */
export const asksNothing: Rule = ({ text, bare }) => {
  const isRequest = [asks, wishes].some((pattern) => pattern.test(text));
  const isOrder = [orders, topics, unfinished].some((pattern) => pattern.test(bare));
  return isRequest || isOrder ? undefined : "it asks for nothing";
};
