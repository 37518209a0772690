export type { BatchEnd, BatchPlay } from "./batch-endpoints.ts";
export {
  type Contract,
  type ContractVectors,
  type RetrieverContractOptions,
  retrieverContract,
  type VectorIndexContractOptions,
  vectorIndexContract,
} from "./contracts.ts";
export { type Dialect, dialects } from "./dialects.ts";
export {
  type FaultyServer,
  type FaultyServerOptions,
  faultyServer,
  type RateHeaderStyle,
  type Refusal,
  type ServerCounts,
} from "./faulty-server.ts";
export {
  type HubFaults,
  type HubRepository,
  type HubServer,
  type HubServerOptions,
  type HubUploadServer,
  hubServer,
  hubUploadServer,
} from "./hub-server.ts";
export type { ChatCompletion, ChatRequest, Fault } from "./model-answers.ts";
