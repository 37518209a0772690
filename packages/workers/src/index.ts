export { balancedEmbeddingModel, balancedModel, placesFor, type WorkerRules } from "./balanced-model.ts";
export type { Openers } from "./perform-work.ts";
export { openWorkerPool, type WorkerPool, type WorkerPoolOptions } from "./pool.ts";
export type { Member } from "./presence.ts";
export type {
  EmbedCallReply,
  EmbedCallRequest,
  EmbedderReference,
  EmbedReply,
  EmbedRequest,
  GenerateReply,
  GenerateRequest,
  Lane,
  ModelReference,
  PackedVectors,
  ReplyTo,
  WorkRequest,
} from "./protocol.ts";
export { checkRedis, type RedisStatus, redisStatus } from "./redis.ts";
export {
  openRemoteEmbedder,
  type RemoteEmbedderOptions,
  type RemoteModelOptions,
  remoteEmbeddingModel,
  remoteModel,
} from "./remote-models.ts";
export {
  openRunWorkers,
  type RedisLimiterOptions,
  type RunWorkers,
  type RunWorkersOptions,
  redisLimiter,
} from "./run-workers.ts";
export { type RunningWorker, startWorker, type WorkerOptions } from "./worker.ts";
