import { operationsAnswer } from "#lib/contract/operations.ts";
import {
  tokenChange,
  tokenItem,
  tokenMade,
  tokenParams,
  tokensAnswer,
} from "#lib/contract/tokens.ts";
import { windowParams } from "#lib/contract/window.ts";

import type { Operation } from "./operation.ts";

/** What an operator asks: how the installation itself is doing, and who may send. */
export const operatorOperations: readonly Operation[] = [
  {
    path: "/api/v1/operations",
    method: "get",
    id: "getOperations",
    summary:
      "What came in and was refused, lag, queue, senders and their clocks, disk and its forecast, processes",
    search: windowParams,
    answer: { name: "OperationsAnswer", schema: operationsAnswer },
    refusals: [400, 503],
  },
  {
    path: "/api/v1/tokens",
    method: "get",
    id: "listTokens",
    summary: "Every token with its limits and its last use, without the tokens themselves",
    answer: { name: "TokensAnswer", schema: tokensAnswer },
    refusals: [503],
  },
  {
    path: "/api/v1/tokens",
    method: "post",
    id: "makeToken",
    summary: "Makes a token; it is in the answer, once",
    body: tokenChange,
    answer: { name: "TokenMade", schema: tokenMade },
    refusals: [400, 403, 409, 503],
  },
  {
    path: "/api/v1/tokens/{id}",
    method: "delete",
    id: "revokeToken",
    summary: "Revokes a token for good; ingest refuses it within two seconds",
    inPath: tokenParams,
    answer: { name: "TokenItem", schema: tokenItem },
    refusals: [400, 403, 404, 503],
  },
];
