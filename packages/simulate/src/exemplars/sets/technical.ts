import type { Written } from "./names.ts";

/** What users of software, devices and machines ask of their documentation. */
export const technical: Written = {
  open: [
    "What does the option for strict mode change?",
    "Why does the device restart when the second battery is put in?",
    "Which versions are still supported?",
    "what is the default timeout",
    "Where are the log files kept, and for how long?",
    "What happens to jobs that are waiting when the service is stopped?",
    "Which permissions does an account need to read reports without being able to change them?",
    "How many clients can be connected at the same time before requests are queued?",
    "We moved the service behind a proxy and every user now appears with the same address. What has to be set so that the real one is kept, and is there a risk in it?",
    "What does the warning light mean when it blinks twice?",
    "Who is told when a backup fails, and by what channel?",
  ],
  comparison: [
    "What is the difference between a soft and a hard reset?",
    "Compare the two storage engines: speed, space, and what each loses in a crash.",
    "How does the free plan differ from the paid one in limits and support?",
    "When should I use a webhook and when should I poll?",
  ],
  "multi-hop": [
    "Which setting has to be changed on the server before the feature that version 3 introduced can be used from the mobile app?",
    "If the cache is emptied every hour and the index is built once a day, how old can a search result be at most?",
    "A sensor that needs more current than the port gives is to hang on the long cable. Which adapter and which power supply does that take?",
    "Which of the deprecated calls was replaced by one that needs a key?",
  ],
  "yes-no": [
    "Can two instances share one data folder?",
    "Does an update keep my settings?",
    "Is it safe to pull the plug while the light is green?",
    "Are passwords stored in a form in which an administrator could read them?",
    "Do I have to restart after changing the language?",
  ],
  "how-to": [
    "How do I connect the printer to a network without a password prompt on every page?",
    "How can I move all the data to a new machine without stopping the service for longer than a minute?",
    "How do I find out which of my rules rejects a message?",
    "How do I roll back to the version before?",
    "What are the steps of replacing the filter, and which parts must not be touched with bare hands?",
    "how to turn off notifications for one project only",
    "Explain how to import contacts from an older release, and what to do with those that appear twice.",
  ],
  "multiple-choice": [
    [
      "Which file takes precedence when the same value is set several times?",
      "the system's",
      "the user's",
      "the project's",
      "the one that was changed last",
    ],
    [
      "What does status 429 tell a client?",
      "that it is not allowed",
      "that it asks too often",
      "that the server is down",
      "that the address has moved",
    ],
    [
      "Which connector carries both power and pictures?",
      "the round one",
      "the one with the blue edge",
      "the one marked with a bolt",
      "none of them",
    ],
  ],
  list: [
    "List the environment requirements for an installation without internet access.",
    "What are the different roles, and what may each do?",
    "Name all the file types that can be attached.",
    "What are some common causes of a failed update?",
  ],
  claim: [
    "True or false: deleting a workspace also deletes its backups.",
    "Check this claim: encrypted volumes cannot be enlarged later.",
    "A colleague says that the trial ends by itself without a charge. Is this statement right?",
  ],
  summary: [
    "Summarise what is new in the last major release for people who only use the editor.",
    "In one paragraph, what does the cache do, and when is it a nuisance?",
    "Briefly explain how signing in with one account for everything works.",
  ],
  "long-form": [
    "Write a guide for administrators on moving from the old permission model to the new one, with the pitfalls.",
    "Give a detailed explanation of how updates are delivered: channels, staging, checks, and what happens when one goes wrong.",
  ],
};
