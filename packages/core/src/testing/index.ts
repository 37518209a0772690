export type { Fault } from "./faults.ts";
export {
  type ChatRequest,
  type FaultyServer,
  type FaultyServerOptions,
  faultyServer,
  type ServerCounts,
} from "./faulty-server.ts";
export { type HubFaults, type HubServer, type HubServerOptions, hubServer } from "./hub-server.ts";
export { type HubRepository, type HubUploadServer, hubUploadServer } from "./hub-upload-server.ts";
