import { expect, it } from "vitest";
import { detectTask } from "./detect-task.ts";

it.each([
  ["Which of these is a mammal?\nA. shark\nB. whale", "multiple-choice"],
  ["Q: Which vitamins? options: (a) A, D (b) B and C (c) only C", "multiple-choice"],
  ["Pick one.\nOptions:\n- red\n- green\nAnswer:", "multiple-choice"],
  ["True or false: whales are fish.", "claim"],
  ["Claim: Vitamin C cures colds. Is this claim correct?", "claim"],
  ["How do I sharpen a knife?", "how-to"],
  ["Hi! Could you please explain how to sharpen a knife?", "how-to"],
  ["What is the difference between a crow and a raven?", "comparison"],
  ["Summarize the plot of Hamlet.", "summary"],
  ["Write an essay on the plot of Hamlet.", "long-form"],
  ["Create a blog article of 700 words on bees", "long-form"],
  ["Explain photosynthesis in great detail", "long-form"],
  ["Is the sky blue?\nOptions:\n- yes\n- no", "yes-no"],
  ["Question: Was Hamlet a Dane?\nAnswer:", "yes-no"],
  ["Name three moons of Saturn.", "list"],
  ["Can you describe Saturn?", "open"],
  ["Who wrote Hamlet?", "open"],
])("detectTask of %j is %s", (question, task) => expect(detectTask(question)).toBe(task));
