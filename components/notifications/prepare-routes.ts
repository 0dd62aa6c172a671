import type { NotificationPolicyDocument, RouteNodeDocument } from "#lib/contract/routes.ts";

import { matchersIn, matchersText } from "./matcher-text.ts";

/** One route as a form holds it. */
export interface RouteDraft {
  /** Tells drafts apart while they are moved about. */
  readonly id: number;
  readonly matchers: string;
  /** Null: as the line for the rest. */
  readonly channels: readonly string[] | null;
  /** Label names, apart by commas; empty: as the line for the rest. */
  readonly groupBy: string;
  readonly waitSeconds: string;
  readonly intervalSeconds: string;
  readonly repeatSeconds: string;
  readonly continues: boolean;
  /** Routes below, which stay as they are. */
  readonly below: readonly RouteNodeDocument[];
}

/** A route as a form shows it. */
export function draftOf(route: RouteNodeDocument, id: number): RouteDraft {
  return {
    id,
    matchers: matchersText(route.matchers),
    channels: route.channels ?? null,
    groupBy: route.groupBy?.join(", ") ?? "",
    waitSeconds: secondsText(route.groupWaitMs),
    intervalSeconds: secondsText(route.groupIntervalMs),
    repeatSeconds: secondsText(route.repeatIntervalMs),
    continues: route.continue,
    below: route.routes,
  };
}

/** The route that a form means; null when its matchers cannot be read. */
function routeOf(draft: RouteDraft): RouteNodeDocument | null {
  const matchers = matchersIn(draft.matchers);
  if (matchers === null) return null;
  const groupBy = draft.groupBy.split(/[\s,]+/).filter((name) => name !== "");
  return {
    matchers,
    ...(draft.channels === null ? {} : { channels: [...draft.channels] }),
    ...(groupBy.length === 0 ? {} : { groupBy }),
    ...timeOf("groupWaitMs", draft.waitSeconds),
    ...timeOf("groupIntervalMs", draft.intervalSeconds),
    ...timeOf("repeatIntervalMs", draft.repeatSeconds),
    continue: draft.continues,
    routes: [...draft.below],
  };
}

/** The whole tree that the forms mean, or the draft whose matchers cannot be read. */
export function policyOf(
  before: NotificationPolicyDocument,
  root: RouteDraft,
  drafts: readonly RouteDraft[],
): NotificationPolicyDocument | RouteDraft {
  const routes: RouteNodeDocument[] = [];
  for (const draft of drafts) {
    const route = routeOf(draft);
    if (route === null) return draft;
    routes.push(route);
  }
  const rest = routeOf(root);
  return rest === null ? root : { ...before, route: { ...rest, continue: false, routes } };
}

function secondsText(ms: number | undefined): string {
  return ms === undefined ? "" : String(ms / 1_000);
}

function timeOf(name: "groupWaitMs" | "groupIntervalMs" | "repeatIntervalMs", text: string) {
  return text.trim() === "" ? {} : { [name]: Math.round(Number(text) * 1_000) };
}
