import type { Task } from "@rag-instruct/core";
import type { ChatRequest } from "@rag-instruct/core/testing";
import { relationAsked } from "./served-offline-model.ts";

// What a language model that can read would write about the handbook in the folder beside this file, an invented one, whichever of its pages it is
// shown: a fact of each page, something that is generally known, and for several pages who is there for what.

/** A page's fact, with a false one beside it and choices of which the first is right; and a question that the page is no help with. */
interface Notes {
  fact: { ask: string; answer: string; myth: string; choices: readonly string[] };
  general: { ask: string; answer: string };
}

const pages: Readonly<Record<string, Notes>> = {
  Membership: {
    fact: {
      ask: "What do I have to bring to the counter to become a member?",
      answer: "An identity card and a proof of address.",
      myth: "Supporting members may borrow as many tools as everybody else.",
      choices: ["12 euros", "24 euros", "36 euros", "60 euros"],
    },
    general: {
      ask: "Why do clubs write down rules of their own when the law has rules for clubs already?",
      answer:
        "Because the law leaves much open, such as dues, elections and duties, which each club settles for itself.",
    },
  },
  Loans: {
    fact: {
      ask: "For how long may I keep a hand tool, and for how long a machine?",
      answer: "Hand tools are lent for fourteen days, machines for four.",
      myth: "A loan can be extended as often as one likes.",
      choices: ["fourteen days", "four days", "thirty days", "six weeks"],
    },
    general: {
      ask: "Which tools does one need first when moving into a flat of one's own?",
      answer: "A hammer, a set of screwdrivers, pliers, a tape measure and a spirit level do for most small jobs.",
    },
  },
  "Late fees": {
    fact: {
      ask: "What happens when a tool is more than a month late?",
      answer: "After thirty days it counts as lost, and its price is charged.",
      myth: "The fee for a late machine is fifty cents a day.",
      choices: ["on the second day", "on the first day", "after a week", "after thirty days"],
    },
    general: {
      ask: "Why are people late with what they borrow even when they have time enough?",
      answer: "Mostly because a far date feels unreal: what can be done later is put off until it is too late.",
    },
  },
  Damage: {
    fact: {
      ask: "How much do I pay at most when I break a tool by misuse?",
      answer: "The repair, at most eighty euros.",
      myth: "The insurance also covers harm to whoever has borrowed the tool.",
      choices: ["eighty euros", "forty euros", "the price of the tool", "nothing"],
    },
    general: {
      ask: "How can you tell that a saw needs sharpening?",
      answer: "It binds, needs more pressure than before, and leaves a rough cut and fine dust instead of chips.",
    },
  },
  "The workshop": {
    fact: {
      ask: "How do I get a bench, how early can I book it, and what is the price?",
      answer: "A bench is booked a week ahead at most and costs three euros an hour.",
      myth: "Children may not enter the workshop before they are eighteen.",
      choices: ["three euros", "one euro", "five euros", "eight euros"],
    },
    general: {
      ask: "What is a band saw better at than a circular saw?",
      answer: "At curves and at thick wood: its narrow blade can turn, and it wastes less material.",
    },
  },
  "The safety course": {
    fact: {
      ask: "Which machines are taught, and for how long is the certificate good?",
      answer: "The band saw, the router and the angle grinder; the certificate is valid for five years.",
      myth: "Whoever fails the test may never take it again.",
      choices: ["five years", "one year", "two weeks", "three months"],
    },
    general: {
      ask: "Why should one not wear gloves at a drill press?",
      answer: "Because the turning bit can catch the cloth and pull the hand in before one can let go.",
    },
  },
  "Opening hours": {
    fact: {
      ask: "How can I bring something back when the counter is closed?",
      answer: "Through the hatch in Mill Lane, at any time; machines are not to be left there.",
      myth: "In July the counter is closed on Saturdays.",
      choices: ["on Saturdays alone", "on Tuesdays alone", "every day", "not at all"],
    },
    general: {
      ask: "Why do so many small shops close on a Monday?",
      answer: "It is their quietest day, and whoever works on Saturdays has to rest on another day.",
    },
  },
  Reservations: {
    fact: {
      ask: "How long does a reserved tool wait for me, and what happens then?",
      answer: "It waits for two days; then the next on the list gets it.",
      myth: "Garden tools can be reserved in April and May as in every other month.",
      choices: ["three", "one", "five", "six"],
    },
    general: {
      ask: "Why do restaurants ask for a telephone number with a reservation?",
      answer: "To ask whether guests who are late still come, and to give the table away when they do not.",
    },
  },
  "The trailer": {
    fact: {
      ask: "How do I load something that is longer than the trailer?",
      answer: "What stands out by more than a metre needs a red flag; it hangs beside the key.",
      myth: "The trailer may be borrowed for a whole week.",
      choices: ["three hundred kilograms", "forty kilograms", "one hundred kilograms", "five hundred kilograms"],
    },
    general: {
      ask: "Why does a loaded trailer begin to sway when one drives too fast?",
      answer: "Too much weight lies behind its axle, so that every small push makes it swing further.",
    },
  },
  Volunteers: {
    fact: {
      ask: "What has a new volunteer to do before working alone?",
      answer: "Stand beside an old one for three shifts.",
      myth: "Shifts are swapped by telephone.",
      choices: ["in the green book", "by telephone", "at the supper", "in the red folder"],
    },
    general: {
      ask: "What makes people give their free time to a good cause for years?",
      answer: "Mostly the company of others, the feeling of being needed, and seeing what comes of the work.",
    },
  },
  Gifts: {
    fact: {
      ask: "Why are petrol engines not accepted as gifts?",
      answer: "There is no place to store fuel.",
      myth: "A receipt is written for each gift.",
      choices: ["the last Thursday", "the first Saturday", "the second Saturday", "every Tuesday"],
    },
    general: {
      ask: "How does one find out whether an old power drill is still safe?",
      answer: "By looking at cable and plug for cracks, listening to the motor, and having its insulation measured.",
    },
  },
  "The repair day": {
    fact: {
      ask: "What does it cost to have something mended?",
      answer: "Spare parts are paid for and help is free; knives and scissors are sharpened for one euro each.",
      myth: "The helpers mend what one brings while one waits.",
      choices: ["one euro", "three euros", "nothing", "five euros"],
    },
    general: {
      ask: "Why is it often dearer to repair a toaster than to buy a new one?",
      answer:
        "New ones are made in great numbers by machines, while a repair takes an hour of a trained person's time.",
    },
  },
};

/** Who is there for a page's subject, as its last sentence says. */
interface Desk {
  about: string;
  person: string;
  day: string;
}

const days = ["Tuesday", "Wednesday", "Thursday", "Saturday"];
const people = ["Ines Varga", "Tomas Reed", "Samir Holt", "Ada Quill"];

/** The reply to a prompt about pages of the handbook, in the form that its example asks for. */
export function answerAsReader({ messages }: ChatRequest): string {
  const prompt = messages.at(-1)!.content;
  const asked = relationAsked(messages[0]?.content ?? "");
  if (!asked) return JSON.stringify({ ready: true });
  const { relation, task } = asked;
  const shown = [...prompt.matchAll(/<document number="\d+">\n(.*)\n([\s\S]*?)\n<\/document>/g)];
  const desks = shown.map(([, , text]) => deskOf(text!));
  const notes = pages[shown[0]![1]!]!;
  if (relation.documentsAre === "useless") return plain(notes.general);
  if (relation.answerStated === true) return desks.length > 1 ? whoIsThere(desks, task) : factOf(notes, task);
  return desks.length > 1 ? visits(desks, task) : onSunday(desks[0]!, task);
}

function deskOf(text: string): Desk {
  const [, about, person, day] = text.match(/Questions about (.*?): (.*?), .*? on (\w+)s from/)!;
  return { about: about!, person: person!, day: day! };
}

function plain(reply: { ask: string; answer: string }): string {
  return JSON.stringify({ question: reply.ask, answer: reply.answer });
}

function choice(question: string, options: readonly string[]): string {
  // The right one is never always the first.
  const at = question.length % options.length;
  const turned = options.map((_, i) => options[(i - at + options.length) % options.length]);
  return JSON.stringify({ question, options: turned, answer: "ABCD"[at] });
}

function factOf({ fact }: Notes, task: Task): string {
  const { ask, answer, myth, choices } = fact;
  if (task === "claim") return JSON.stringify({ question: myth, answer: `False. ${answer}` });
  if (task === "yes-no") {
    const question = `Is it right that ${myth[0]!.toLowerCase()}${myth.slice(1, -1)}?`;
    return JSON.stringify({ question, answer: `No. ${answer}` });
  }
  return task === "multiple-choice" ? choice(ask, [answer, ...choices.slice(1)]) : plain(fact);
}

function listed(parts: readonly string[]): string {
  return parts.length > 1 ? `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}` : parts.join();
}

function whoIsThere(desks: readonly Desk[], task: Task): string {
  const subjects = listed(desks.map(({ about }) => about));
  const each = listed(desks.map(({ about, person, day }) => `${person} for ${about} on ${day}s`));
  const isOne = new Set(desks.map(({ person }) => person)).size === 1;
  const [first] = desks.toSorted((a, b) => days.indexOf(a.day) - days.indexOf(b.day));
  if (task === "claim")
    return JSON.stringify({
      question: `The same person looks after ${subjects}.`,
      answer: `${isOne ? "True" : "False"}: ask ${each}.`,
    });
  if (task === "yes-no")
    return JSON.stringify({
      question: `Does the same person look after ${subjects}?`,
      answer: `${isOne ? "Yes" : "No"}: ask ${each}.`,
    });
  const question = `I have questions about ${subjects}. Whom do I ask about each, on which day, and who is there first in the week?`;
  if (task === "multiple-choice")
    return choice(`Who is there first in the week for ${subjects}?`, [
      first!.person,
      ...people.filter((name) => name !== first!.person),
    ]);
  return JSON.stringify({ question, answer: `Ask ${each}; ${first!.person} is there first.` });
}

function visits(desks: readonly Desk[], task: Task): string {
  const subjects = listed(desks.map(({ about }) => about));
  const needed = new Set(desks.map(({ day }) => day)).size;
  const [one, ...more] = ["a single visit", "two visits", "three visits", "four visits"];
  const answer =
    needed === 1
      ? "a single visit is enough, since whoever helps is there at the same time"
      : `that takes ${more[needed - 2]}, since those who help are never there together`;
  if (task === "claim")
    return JSON.stringify({
      question: `Whoever wants to sort out ${subjects} in person can do it in ${one}.`,
      answer: `${needed === 1 ? "True" : "False"}: ${answer}.`,
    });
  if (task === "multiple-choice")
    return choice(`How often do I have to come to sort out ${subjects} in person?`, [
      needed === 1 ? one! : more[needed - 2]!,
      ...[one!, ...more].filter((each) => each !== (needed === 1 ? one : more[needed - 2])),
    ]);
  const question = `Can I sort out ${subjects} in person in ${one}?`;
  return JSON.stringify({ question, answer: `${needed === 1 ? "Yes" : "No"}, ${answer}.` });
}

function onSunday({ about }: Desk, task: Task): string {
  const reason = "whoever answers such questions does so on one day of the week, and it is another one";
  if (task === "claim")
    return JSON.stringify({
      question: `On a Sunday one finds somebody to ask about ${about}.`,
      answer: `False: ${reason}.`,
    });
  const question = `I am free on Sundays alone. Will I find somebody then to ask about ${about}?`;
  return task === "multiple-choice"
    ? choice(`What should somebody do who is free on Sundays alone and has a question about ${about}?`, [
        "take an hour off on another day",
        "come on Sunday morning",
        "come on Sunday evening",
        "wait at the hatch",
      ])
    : JSON.stringify({ question, answer: `No: ${reason}.` });
}
