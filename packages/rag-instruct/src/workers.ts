export * from "@rag-instruct/workers";
