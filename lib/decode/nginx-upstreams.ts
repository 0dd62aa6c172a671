import { attemptsOf } from "./access-log/nginx/attempts.ts";
import { noValues, slots } from "./access-log/nginx/variables.ts";
import type { AccessAttempt } from "./access-record.ts";

/** What attributes of a span tell of nginx's upstreams: parallel lists, as nginx writes its variables. */
export interface UpstreamLists {
  readonly addresses: string;
  readonly statuses: string | null;
  readonly responseTimes: string | null;
  /** Of the group that was asked last. */
  readonly name: string | null;
}

/** The attempts that the lists tell of, as they would be read in a line of the access log; none for none. */
export function attemptsOfLists(
  { addresses, statuses, responseTimes, name }: UpstreamLists,
  clientStatus: number | null,
): readonly AccessAttempt[] {
  values[slots.upstream_addr] = wholeElements(addresses);
  values[slots.upstream_status] = cut(statuses);
  values[slots.upstream_response_time] = cut(responseTimes);
  values[slots.proxy_upstream_name] = name ?? undefined;
  return attemptsOf(values, clientStatus);
}

/** Set anew by each call. */
const values = noValues();

/** Far more than nginx asks for one request; a longer list was not written by it. */
const listLengthMax = 4_096;

function cut(list: string | null): string | undefined {
  return list?.slice(0, listLengthMax);
}

/** A list up to its last whole element: half an address is the name of nothing. */
function wholeElements(list: string): string {
  if (list.length <= listLengthMax) return list;
  return list.slice(0, Math.max(0, list.lastIndexOf(", ", listLengthMax)));
}
