export { balancedEmbeddingModel, balancedModel } from "./balanced-model.ts";
export type { Member } from "./member.ts";
export type { Openers } from "./perform-work.ts";
export { openWorkerPool, type WorkerPool, type WorkerPoolOptions } from "./pool.ts";
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
export { type RedisLimiterOptions, redisLimiter } from "./redis-limiter.ts";
export { type RedisStatus, redisStatus } from "./redis-status.ts";
export { openRemoteEmbedder, type RemoteEmbedderOptions } from "./remote-embedder.ts";
export { remoteEmbeddingModel } from "./remote-embedding-model.ts";
export { type RemoteModelOptions, remoteModel } from "./remote-model.ts";
export { type RunningWorker, startWorker, type WorkerOptions } from "./worker.ts";
