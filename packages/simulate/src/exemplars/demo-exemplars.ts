import { type Exemplar, hashOf, type Task } from "@rag-instruct/core";

// Written for this project, in the forms that people's instructions take.
const questions: Partial<Record<Task, readonly (string | readonly [question: string, options: string[]])[]>> = {
  open: [
    "Why does streaming a long answer token by token feel faster to a reader than sending it whole?",
    "What happens to an agent's plan when one of its tools returns an error halfway through?",
    "I keep hearing that embeddings place similar texts close together. What does close mean here, and who decides?",
    "What should a team think about before it lets a language model call functions that change data?",
  ],
  comparison: [
    "What is the difference between generating an object against a schema and asking for free text and parsing it yourself?",
    "Compare server components with client components for a chat page: where does the state live in each?",
    "How does a text completion model differ from a chat model when you build a support assistant?",
    "Contrast retries with fallbacks to another provider when a request to a model fails.",
  ],
  "multi-hop": [
    "If a middleware caches replies by prompt, and the prompt holds the current time, how many requests will reach the provider?",
    "A tool needs approval, and the approval comes from the browser. Which parts of the application must know of the call before it runs?",
    "Which setting bounds the cost of an agent that may take ten steps, each with a limited number of output tokens?",
    "Given that an image model returns base64 data and that the page shows a URL, what has to happen in between?",
  ],
  "yes-no": [
    "Is it possible to abort a stream from the client while the server is still generating?",
    "Does a higher temperature always make the output of a model longer?",
    "Can a single message contain both text and an image?",
    "Are the embeddings of two different models comparable with each other?",
  ],
  "multiple-choice": [
    [
      "Which of these is responsible for turning a stream of parts into messages on the page?",
      ["the provider", "the transport", "the user interface hook", "the schema validator"],
    ],
    [
      "What does a stop sequence do?",
      [
        "It ends the generation when the model writes it",
        "It pauses the stream",
        "It cancels a tool call",
        "It lowers the temperature",
      ],
    ],
    [
      "Which measure is most often used to compare two embedding vectors?",
      ["cosine similarity", "Hamming distance", "edit distance", "mutual information"],
    ],
    [
      "Where should an API key for a model provider be kept?",
      ["in the page's source", "in an environment variable on the server", "in the prompt", "in a public repository"],
    ],
  ],
  "how-to": [
    "How do I let users upload a file and have the model answer questions about it?",
    "How can I show a loading indicator while the assistant is thinking and remove it when the first words arrive?",
    "How do I migrate a project to a new major version of a library without breaking the chat history that is already stored?",
    "How should I test code that calls a language model without spending money on every run?",
  ],
  summary: [
    "Explain in two sentences what a provider registry is good for.",
    "Summarize how tool calling works for somebody who has never written an agent.",
    "Briefly describe what telemetry records about a call to a model and why one would want it.",
    "In one paragraph, what is retrieval-augmented generation and when is it worth the effort?",
  ],
  list: [
    "List the kinds of parts that a message between a user and an assistant can have.",
    "Name three settings that influence how a model samples its next token.",
    "What are the main lifecycle events of a chat request, in the order in which they occur?",
    "Give me a table of common error types when calling a model, with the cause of each.",
  ],
  claim: [
    "True or false: a tool without an execute function is forwarded to the client.",
    "Check this claim: structured output guarantees that the values in the object are factually correct.",
    "Verify this statement: speech and transcription models can be used through the same interface as text models.",
    "Is the following claim right? A system prompt is visible to every user of the application by default.",
  ],
};

/** Exemplars of every task, enough to try the method without a dataset: nine tasks, four questions each. */
export const demoExemplars: readonly Exemplar[] = Object.entries(questions).flatMap(([task, ofTask]) =>
  ofTask.map((written) => {
    const [question, options] = typeof written === "string" ? [written] : written;
    return { id: hashOf(["demo", question]), question, source: "rag-instruct-demo", task: task as Task, options };
  }),
);
