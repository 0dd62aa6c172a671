import type { Labels } from "./alert.ts";
import { matchesAll, textOfMatcher, type Matcher } from "./matchers.ts";

/** One node of the tree of routes; what is absent is taken from the node above. */
export interface RouteNode {
  readonly matchers: readonly Matcher[];
  /** Ids of channels; an empty list tells nobody. */
  readonly channels?: readonly string[] | undefined;
  /** Label names; `...` alone groups by all labels. */
  readonly groupBy?: readonly string[] | undefined;
  readonly groupWaitMs?: number | undefined;
  readonly groupIntervalMs?: number | undefined;
  readonly repeatIntervalMs?: number | undefined;
  /** Go on with the nodes beside this one after it matched. */
  readonly continue: boolean;
  readonly routes: readonly RouteNode[];
}

/** While an alert that matches `source` fires, alerts that match `target` are hidden, where the labels named are equal. */
export interface InhibitRule {
  readonly source: readonly Matcher[];
  readonly target: readonly Matcher[];
  readonly equal: readonly string[];
}

export interface NotificationPolicy {
  readonly route: RouteNode;
  readonly inhibit: readonly InhibitRule[];
}

/** Where an alert goes: a node with everything it inherits. */
export interface Route {
  /** Names the place in the tree, as in Alertmanager's group keys. */
  readonly key: string;
  readonly matchers: readonly Matcher[];
  readonly channels: readonly string[];
  readonly groupBy: readonly string[];
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
}

/** What holds where the root says nothing. The wait is short, as one evaluation tells all its alerts at once. */
const routeDefaults = {
  channels: [],
  groupBy: ["alertname", "proxy"],
  groupWaitMs: 1_000,
  groupIntervalMs: 300_000,
  repeatIntervalMs: 14_400_000,
} as const;

/** The routes that take an alert with these labels: the deepest that match, first come, unless one says `continue`. */
export function routesFor(policy: NotificationPolicy, labels: Labels): Route[] {
  return below(policy.route, rootRoute(policy.route), labels);
}

/** The route with this key; null when the tree has none any more. */
export function routeByKey(policy: NotificationPolicy, key: string): Route | null {
  return allRoutes(policy).find((route) => route.key === key) ?? null;
}

/** The route that takes what no other takes. */
export function rootOf(policy: NotificationPolicy): Route {
  return rootRoute(policy.route);
}

/** Every route of the tree, the root first. */
export function allRoutes(policy: NotificationPolicy): Route[] {
  return withChildren(policy.route, rootRoute(policy.route));
}

/** The labels that an alert is grouped by on a route. */
export function groupLabelsOf(route: Route, labels: Labels): Labels {
  const all = route.groupBy.length === 1 && route.groupBy[0] === "...";
  return Object.fromEntries(
    Object.entries(labels).filter(([name]) => all || route.groupBy.includes(name)),
  );
}

/** Names a group for all time: Alertmanager's `{}/{severity="page"}:{alertname="A"}`. */
export function groupKeyOf(route: Route, groupLabels: Labels): string {
  const pairs = Object.entries(groupLabels)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${route.key}:{${pairs.join(", ")}}`;
}

function rootRoute(node: RouteNode): Route {
  return inherit({ ...routeDefaults, key: "{}", matchers: [] }, node, "{}");
}

function below(node: RouteNode, route: Route, labels: Labels): Route[] {
  const found: Route[] = [];
  for (const [child, childRoute] of childrenOf(node, route)) {
    if (!matchesAll(child.matchers, labels)) continue;
    found.push(...below(child, childRoute, labels));
    if (!child.continue) break;
  }
  return found.length > 0 ? found : [route];
}

function withChildren(node: RouteNode, route: Route): Route[] {
  const children = childrenOf(node, route);
  return [route, ...children.flatMap(([child, childRoute]) => withChildren(child, childRoute))];
}

function childrenOf(node: RouteNode, route: Route): [RouteNode, Route][] {
  const seen = new Map<string, number>();
  return node.routes.map((child) => {
    const own = `${route.key}/{${child.matchers.map(textOfMatcher).toSorted().join(",")}}`;
    const twins = seen.get(own) ?? 0;
    seen.set(own, twins + 1);
    // Two nodes with the same matchers are two routes, with groups of their own.
    return [child, inherit(route, child, twins === 0 ? own : `${own}#${twins}`)];
  });
}

function inherit(above: Route, node: RouteNode, key: string): Route {
  return {
    key,
    matchers: [...above.matchers, ...node.matchers],
    channels: node.channels ?? above.channels,
    groupBy: node.groupBy ?? above.groupBy,
    groupWaitMs: node.groupWaitMs ?? above.groupWaitMs,
    groupIntervalMs: node.groupIntervalMs ?? above.groupIntervalMs,
    repeatIntervalMs: node.repeatIntervalMs ?? above.repeatIntervalMs,
  };
}
