import type { ExchangesParams } from "#lib/contract/exchanges.ts";
import { cacheCodes, errorTypeCodes, moduleEndpointCodes } from "#lib/core/codes.ts";
import { modulesUnder } from "#lib/db/modules-under.ts";

/** Which exchanges or attempts are meant; what is absent is not asked. */
export type RecordFilter = Partial<
  Pick<ExchangesParams, "endpoint" | "module" | "status" | "errorType" | "bad" | "thresholdMs">
>;

/** The filter as SQL conditions on narrow rows, each after an AND; what they compare with is added to `values`. */
export function conditionsOf(filter: RecordFilter, project: number, values: unknown[]): string {
  const { endpoint, module, status, errorType } = filter;
  const placed = (value: unknown): string => `$${values.push(value)}`;
  const parts = [
    endpoint === undefined
      ? []
      : [`module_endpoint = ${placed(moduleEndpointCodes.codeOf(endpoint))}`],
    module === undefined
      ? []
      : [
          `module_endpoint <> ${moduleEndpointCodes.codeOf("sumdb")}`,
          `module_id = ANY (${modulesUnder(placed(project), placed(module))})`,
        ],
    status === undefined ? [] : [`status = ${placed(status)}`],
    errorType === undefined ? [] : [`error_type = ${placed(errorTypeCodes.codeOf(errorType))}`],
    badness(filter, placed),
  ];
  return parts
    .flat()
    .map((part) => ` AND ${part}`)
    .join("");
}

/** As objectives count what is bad: the same words as `eventsOf`, on single rows. */
function badness(
  { bad, thresholdMs = 0 }: RecordFilter,
  placed: (value: unknown) => string,
): string[] {
  switch (bad) {
    case undefined:
      return [];
    case "availability":
      return ["failed"];
    case "latency":
      return [`duration_us > ${placed(Math.round(thresholdMs * 1_000))}`];
    case "hit_ratio": {
      const asked = [cacheCodes.codeOf("miss"), cacheCodes.codeOf("expired")].join(", ");
      return [`cache IN (${asked})`, "status BETWEEN 1 AND 399"];
    }
    default:
      return bad satisfies never;
  }
}
