export type { BatchEnd, BatchPlay } from "./batch-play.ts";
export type { ChatRequest } from "./chat-answers.ts";
export type { Contract } from "./contract.ts";
export type { Fault } from "./faults.ts";
export {
  type FaultyServer,
  type FaultyServerOptions,
  faultyServer,
  type Refusal,
  type ServerCounts,
} from "./faulty-server.ts";
export { type HubFaults, type HubServer, type HubServerOptions, hubServer } from "./hub-server.ts";
export { type HubRepository, type HubUploadServer, hubUploadServer } from "./hub-upload-server.ts";
export type { RateHeaderStyle } from "./rate-window.ts";
export { type RetrieverContractOptions, retrieverContract } from "./retriever-contract.ts";
export {
  type ContractVectors,
  type VectorIndexContractOptions,
  vectorIndexContract,
} from "./vector-index-contract.ts";
