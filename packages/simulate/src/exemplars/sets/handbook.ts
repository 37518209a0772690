import type { Written } from "./names.ts";

/** What members, staff, pupils, tenants and customers ask of rules, terms and procedures. */
export const handbook: Written = {
  open: [
    "How many days of leave do I get in my first year?",
    "Who has to approve a purchase of more than a thousand euros?",
    "By when must the form be handed in, and to whom?",
    "what happens if I miss the deadline",
    "Where do I report a lost key?",
    "Why are visitors asked to sign in at the desk?",
    "How much is the deposit, and when do I get it back?",
    "I will be on parental leave when the new contract starts. Does the notice period run during that time, and who signs for me?",
    "What does the insurance cover when I borrow equipment, and what do I have to pay myself?",
    "Who may use the workshop outside opening hours, and what do they need for that?",
    "How long are the records kept after somebody has left?",
    "What counts as a valid reason for cancelling at short notice?",
  ],
  comparison: [
    "What is the difference between an ordinary and a supporting member in rights and fees?",
    "How do the rules for part-time staff differ from those for people who work full time?",
    "Compare the two ways to pay: what does each cost, and when is it due?",
  ],
  "multi-hop": [
    "If I join in October and pay by the year, until when is my first year paid for?",
    "A trainee wants to work from abroad for three weeks. Who decides, and which form does that person need?",
    "Which room may a group book that has more people than the seminar room holds and needs a projector?",
    "When is the earliest that someone on probation can take the training that the safety officer gives?",
  ],
  "yes-no": [
    "May I bring a guest?",
    "Do I need a doctor's note for a single day of illness?",
    "Can unused days be carried over into the next year?",
    "Is smoking allowed on the balcony?",
    "Am I insured on the way to work when I stop at the nursery first?",
    "Does the guarantee still hold when the device was opened by someone else?",
  ],
  "how-to": [
    "How do I apply for a place?",
    "How can I change my bank details?",
    "What are the steps of making a complaint, and how long does each take?",
    "How do I hand over my tasks before a long absence?",
    "Our group wants to put on a summer party in the courtyard. How do we get permission, and what do we have to see to beforehand and afterwards?",
    "what do i do first when the fire alarm goes off",
  ],
  "multiple-choice": [
    [
      "Who decides on exceptions to the rule?",
      "the team lead",
      "the board",
      "the members' meeting",
      "nobody, there are none",
    ],
    [
      "Which of these has to be reported within a day?",
      "an accident",
      "a change of address",
      "a new phone number",
      "a planned absence",
    ],
    [
      "When is the late fee charged?",
      "from the first day",
      "after a week",
      "after the second reminder",
      "at the end of the month",
    ],
  ],
  list: [
    "List all the documents that I have to bring on the first day.",
    "What are the main duties of the person who locks up?",
    "Name three cases in which the fee is waived.",
    "What are some reasons for which an application is turned down?",
  ],
  claim: [
    "True or false: whoever damages something pays for it in full.",
    "A neighbour claims that deliveries are not allowed after eight in the evening. Is this claim right?",
    "Check this statement: the rule on overtime holds for managers too.",
  ],
  summary: [
    "Summarise the rules on data protection for somebody who starts on Monday.",
    "In two sentences, what is the trial period for?",
    "Briefly, what has changed since the last edition?",
  ],
  "long-form": [
    "Write a guide for new volunteers: what they need before the first shift, whom they ask, and what they must never do alone.",
    "Explain in detail how an expense claim is handled, from the receipt to the payment, and what can hold it up.",
  ],
};
