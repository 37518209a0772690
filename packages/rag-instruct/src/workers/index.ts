export { balancedModel } from "./balanced-model.ts";
export type { Member } from "./members.ts";
export { openWorkerPool, type WorkerPool, type WorkerPoolOptions } from "./pool.ts";
export type {
  EmbedderReference,
  EmbedReply,
  EmbedRequest,
  GenerateReply,
  GenerateRequest,
  ModelReference,
} from "./protocol.ts";
export { type RedisLimiterOptions, redisLimiter } from "./redis-limiter.ts";
export { type RemoteEmbedderOptions, remoteEmbedder } from "./remote-embedder.ts";
export { type RemoteModelOptions, remoteModel } from "./remote-model.ts";
export { type RunningWorker, startWorker, type WorkerOptions } from "./worker.ts";
