import type { ErrorType } from "#lib/core/error-type.ts";
import type { AccessAttempt } from "#lib/decode/access-record.ts";

import { attemptWith } from "../blank.ts";
import { secondsUs, statusOf } from "../number.ts";
import { slots, type Values } from "./variables.ts";

/**
 * The attempts of one line, from the parallel lists of `$upstream_addr` and its companions.
 * nginx writes a status of its own, 502 or 504, for an attempt that got no answer: such an attempt has none here.
 */
export function attemptsOf(values: Values, clientStatus: number | null): AccessAttempt[] {
  const addresses = values[slots.upstream_addr];
  if (isMissing(addresses)) return managerAttempts(values);
  const name = upstreamName(values);
  if (!isMultiple(addresses)) {
    return [attemptOf(elementOf(values, addresses), name, clientStatus === clientClosed)];
  }
  return severalAttempts(values, addresses, name, clientStatus);
}

/** Whether a variable has no value, or the format does not have the variable. */
export function isMissing(value: string | undefined): value is undefined | "" | "-" {
  return value === undefined || value === "" || value === "-";
}

/** One attempt's elements of the parallel lists; `undefined` where the format has no such list. */
interface Element {
  readonly address: string;
  readonly status: string | undefined;
  readonly connectTime: string | undefined;
  readonly headerTime: string | undefined;
  readonly responseTime: string | undefined;
}

const clientClosed = 499;
const separator = / : |, /;

/** Nginx Proxy Manager logs the server it is set to ask in place of addresses; each status says that it was asked. */
function managerAttempts(values: Values): AccessAttempt[] {
  const server = values[slots.manager_server];
  const statuses = values[slots.upstream_status];
  if (isMissing(server) || isMissing(statuses)) return [];
  return statuses
    .split(separator)
    .map(statusOf)
    .filter((status) => status !== null)
    .map((status) => attemptWith(server, null, { status }));
}

function upstreamName(values: Values): string | null {
  const name = values[slots.proxy_upstream_name];
  if (!isMissing(name)) return name;
  const host = values[slots.proxy_host];
  return isMissing(host) ? null : host;
}

function isMultiple(list: string): boolean {
  // A blank first: V8 looks for single characters without leaving compiled code.
  return list.indexOf(",") >= 0 || (list.indexOf(" ") >= 0 && list.includes(" : "));
}

function elementOf(values: Values, address: string): Element {
  return {
    address,
    status: values[slots.upstream_status],
    connectTime: values[slots.upstream_connect_time],
    headerTime: values[slots.upstream_header_time],
    responseTime: values[slots.upstream_response_time],
  };
}

function severalAttempts(
  values: Values,
  addresses: string,
  name: string | null,
  clientStatus: number | null,
): AccessAttempt[] {
  const elements = elementsOf(values, addresses.split(separator));
  // The name is that of the group asked last: what stands before the last ` : ` is another group's.
  const named = addresses
    .slice(addresses.replace(/ : $/, "").lastIndexOf(" : ") + 1)
    .split(", ").length;
  return elements.map((element, place) =>
    attemptOf(
      element,
      place >= elements.length - named ? name : null,
      clientStatus === clientClosed && place === elements.length - 1,
    ),
  );
}

function elementsOf(values: Values, addresses: readonly string[]): Element[] {
  const statuses = values[slots.upstream_status]?.split(separator);
  const connectTimes = values[slots.upstream_connect_time]?.split(separator);
  const headerTimes = values[slots.upstream_header_time]?.split(separator);
  const responseTimes = values[slots.upstream_response_time]?.split(separator);
  return addresses
    .map((address, place) => ({
      address,
      status: statuses?.[place],
      connectTime: connectTimes?.[place],
      headerTime: headerTimes?.[place],
      responseTime: responseTimes?.[place],
    }))
    .filter(({ address }) => !isMissing(address));
}

function attemptOf(element: Element, name: string | null, wasLastOf499: boolean): AccessAttempt {
  const status = statusOf(element.status);
  const isGroup = !element.address.includes(":");
  const canceled = wasLastOf499 && (status === null || status === clientClosed);
  const errorType = canceled ? null : errorOf(element, status, isGroup);
  return {
    upstream: isGroup ? element.address : name,
    endpoint: isGroup ? null : element.address,
    status: errorType === null && !canceled ? status : null,
    durationUs: secondsUs(element.responseTime),
    errorType,
    tlsReason: null,
    canceled,
  };
}

/** What an attempt failed of, as far as its line can say. */
function errorOf(element: Element, status: number | null, isGroup: boolean): ErrorType | null {
  if (status === 502 || status === 504) return ownStatusError(element, status, isGroup);
  // An answer without a status line: something else than HTTP/1 spoke.
  return status === null && secondsUs(element.headerTime) !== null ? "http_protocol_error" : null;
}

/**
 * A 502 or 504 with a header time is the upstream's own answer. Without a connection (connect time `-`)
 * a line cannot tell a refusal from a failed TLS handshake; both read as refused until the error log says more.
 */
function ownStatusError(element: Element, status: 502 | 504, isGroup: boolean): ErrorType | null {
  if (isGroup) return "destination_unavailable";
  if (element.connectTime === "-") {
    return status === 504 ? "connection_timeout" : "connection_refused";
  }
  if (element.headerTime !== "-") return null;
  return status === 504 ? "connection_read_timeout" : "connection_terminated";
}
