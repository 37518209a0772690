export {
  canonicalTokens,
  holdsTokens,
  isFunctionToken,
  isNumericToken,
  stemOf,
  tellingTokens,
  trimFunctionWords,
} from "./answer-tokens.ts";
export {
  type Calibration,
  type CalibrationFacts,
  type CorrectedFigures,
  calibration,
  type JudgedPair,
  type JudgeFigures,
  type ReviewsNeeded,
} from "./calibration.ts";
export { calibrationLines, describeCalibration, measureNames, measuresOf, wholeLines } from "./calibration-words.ts";
export { type CheckOutcome, checkLines, checkOutcome, isLoopback } from "./check-outcome.ts";
export {
  containsAnswer,
  dateReadings,
  listParts,
  sentencesOf,
  tellingSentence,
  withEnglishNumbers,
} from "./contains-answer.ts";
export { badOption, type ErrorCode, RagInstructError } from "./errors.ts";
export { canonicalJson, hashOf, hashText } from "./hash.ts";
export { amount, dollarsText, durationText, listText, numberText, programName, shellWord } from "./in-words.ts";
export {
  answerText,
  chosenOption,
  citedNumbers,
  earlierTurn,
  type InstructionInput,
  optionLetter,
  paragraphOf,
  plainAnswer,
  questionWithOptions,
  renderInstruction,
  renumberCitations,
  standaloneQuestion,
  withoutCitations,
} from "./instruction-layout.ts";
export { Kept } from "./kept.ts";
export { functionWords, guessedByWords, guessedLanguages, guessLanguage, type LanguageGuess } from "./language.ts";
export {
  jaccard,
  minHash,
  type NearDuplicateIndex,
  type NearDuplicateOptions,
  type NearText,
  nearDuplicateIndex,
  shingles,
} from "./near-duplicates.ts";
export { normalizeAnswer } from "./normalize-answer.ts";
export { type HashTable, hashTable } from "./number-tables.ts";
export { mayBeginNumber, readNumber } from "./numbers.ts";
export { accepted, counted, type LeftOut, type Outcome, type Tally, tally, wilsonInterval } from "./outcome.ts";
export { type ReasoningMark, reasoningMarks, textOutsideReasoning } from "./outside-reasoning.ts";
export {
  type Closable,
  type EmbeddedTexts,
  type Embedder,
  type Hits,
  type Limiter,
  memoryPassages,
  type OnProgress,
  type PassageSource,
  type PassageStore,
  type Progress,
  passageStoreOf,
  type Retriever,
  type VectorIndex,
  type Vectors,
} from "./plug-points.ts";
export { type SeededRandom, seededRandom } from "./random.ts";
export {
  type Agreement,
  agreementText,
  describeReviews,
  type Review,
  type Reviewable,
  type ReviewDecision,
  type ReviewEdit,
  type ReviewFigures,
  Reviews,
  seenHash,
} from "./reviews.ts";
export {
  type Counted,
  cohensKappa,
  correctedShare,
  type Kappa,
  type Share,
  type Stratum,
  shareInSum,
  shareOf,
  stratifiedShare,
} from "./shares.ts";
export {
  addSpending,
  emptySpending,
  mergeSpending,
  type Spending,
  type SpendingByPurpose,
  spendingOf,
  spendingSince,
  tokensText,
  wholeSpending,
} from "./spending.ts";
export { inBatches, type MapOrderedOptions, mapOrdered } from "./streams.ts";
export { escapeHtml, foldText, isAscii, titledText, tokensAbout, tokensAtMost, trimEndOf, trimEnds } from "./text.ts";
export {
  type BuiltinParadigmId,
  type EarlierTurn,
  type Exemplar,
  type FailedAnswer,
  type FurtherParadigmId,
  isObject,
  jsonValue,
  type Pair,
  type Passage,
  type ScoredPassage,
  type SearchStep,
  type SearchTrajectory,
  type Source,
  type Task,
  type TrainingDocument,
  type TrainingExample,
} from "./types.ts";
export { type Clock, onAbort, systemClock } from "./waiting.ts";
export { eachGram, fnv1a, type HashedWords, hashWords, mix, wordRuns, wordsOf } from "./words.ts";
