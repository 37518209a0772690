/**
 * A run folder as tools for agents and editors: a server of the Model Context Protocol over stdio, by the official SDK (optional peer
 * `@modelcontextprotocol/sdk`, with `zod`).
 *
 * @module
 */
export type { AgentTools, ToolAnswer, ToolContext } from "../app/viewer-tools.ts";
export { type ServeMcpOptions, serveMcp } from "./serve-mcp.ts";
