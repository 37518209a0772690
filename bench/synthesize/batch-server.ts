// An endpoint with a batch API, in a process of its own: every batch is completed at the second look.
import { faultyServer } from "@rag-instruct/core/testing";

const content = JSON.stringify({
  question: "Which of the old stations on the northern line is meant here?",
  answer: "Kowalski",
});
const { url } = await faultyServer({ reply: () => content, batch: { looks: 2 } });
console.log(new URL(url).port);
