import type { AlertEvidence, AlertValue } from "#lib/contract/alert-event.ts";
import type { Labels } from "#lib/core/fingerprint.ts";
import type { Group } from "#lib/core/measured.ts";
import type { CompiledRule } from "#lib/rules/compiled-rule.ts";
import { evaluateRule, isAbout, type GroupReading } from "#lib/rules/evaluate.ts";
import { valueText } from "#lib/rules/value-text.ts";

import type { AlertSource, Judgement } from "./judgement.ts";

/** What every rule says of every group that it looks at. */
export function* judgeRules(
  rules: Iterable<CompiledRule>,
  readings: readonly GroupReading[],
): Generator<Judgement> {
  for (const rule of rules) {
    const source = sourceOf(rule);
    const lookedAtSeconds = longestOf(rule);
    for (const reading of readings) {
      if (!isAbout(rule.definition, reading.group)) continue;
      yield {
        source,
        group: labelsOfGroup(reading.group),
        verdict: evaluateRule(rule, reading),
        values: () => valuesOf(rule, reading),
        lookedAtSeconds,
        evidence: (from, to) => [
          ...certificateEvidence(reading.group, from, to),
          ...operationsEvidence(rule, reading.group, from, to),
        ],
      };
    }
  }
}

function sourceOf({ key, definition }: CompiledRule): AlertSource {
  const { name, description, severity, labels, runbookUrl } = definition;
  const { forSeconds, keepFiringForSeconds, onNoData, recoverWhen } = definition;
  return {
    ruleKey: key,
    name,
    description,
    severity,
    labels,
    runbookUrl,
    timing: { forSeconds, keepFiringForSeconds, onNoData, hasRecovery: recoverWhen !== null },
  };
}

/** A day of comparison is no evidence: what is looked at is the hour before at most. */
const evidenceSecondsMax = 3_600;

function longestOf({ when }: CompiledRule): number {
  const windows = when.metrics.map((use) => use.windowSeconds ?? 300);
  return Math.min(evidenceSecondsMax, Math.max(300, ...windows));
}

function labelsOfGroup({ proxy, upstream, certificate, token, own }: Group): Labels {
  if (certificate !== undefined) return { certificate };
  if (token !== undefined) return { token };
  if (own !== undefined) return {};
  return upstream === null ? { proxy } : { proxy, upstream };
}

/** The metrics of the condition as they are now, and the reasons of failed handshakes where it is about them. */
function valuesOf({ when, shortestSeconds }: CompiledRule, reading: GroupReading): AlertValue[] {
  const read = when.metrics.map((use): AlertValue => {
    const value = reading.value(use);
    return { name: use.name, value, unit: use.unit, text: valueText(value, use.unit) };
  });
  const aboutTls = when.metrics.some((use) => use.name.includes("tls_failure"));
  const window = aboutTls ? reading.group.windows.get(shortestSeconds ?? 0) : undefined;
  const reasons = [...(window?.tls ?? [])]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 5)
    .map(([name, value]): AlertValue => ({ name, value, unit: "count", text: `${value}` }));
  const aboutCertificate = when.metrics.some((use) => use.name === "certificate_left");
  return [...read, ...reasons, ...(aboutCertificate ? certificateValues(reading.group) : [])];
}

/** The end in absolute time, which is the same whenever the message is read, and who signed. */
function certificateValues({ certificateEndsMs, certificateIssuer }: Group): AlertValue[] {
  if (certificateEndsMs === null) return [];
  const ends = {
    name: "certificate_ends",
    value: certificateEndsMs / 1000,
    unit: "seconds",
  } as const;
  const issuer = {
    name: "issuer",
    value: null,
    unit: "count",
    text: certificateIssuer ?? "",
  } as const;
  return [
    { ...ends, text: utcText(certificateEndsMs) },
    ...(certificateIssuer === undefined ? [] : [issuer]),
  ];
}

function certificateEvidence(group: Group, from: string, to: string): AlertEvidence[] {
  const { certificate, certificateEndsMs } = group;
  if (certificate === undefined || certificateEndsMs === null) return [];
  const search = new URLSearchParams({ q: certificate, from, to });
  return [
    {
      kind: "certificate",
      title: `The certificate of ${certificate}, which ends ${utcText(certificateEndsMs)}`,
      path: `/certificates?${search.toString()}`,
      from,
      to,
    },
  ];
}

/** The pages for operators: of what only they can see and mend. */
function operationsEvidence(
  { when }: CompiledRule,
  { token, own }: Group,
  from: string,
  to: string,
): AlertEvidence[] {
  const page = { kind: "operations", from, to } as const;
  if (token !== undefined) return [{ ...page, title: "The tokens", path: "/settings/tokens" }];
  const aboutClock = when.metrics.some(({ name }) => name === "clock_off");
  if (own === undefined && !aboutClock) return [];
  const title = aboutClock ? "The clocks of senders" : "What the installation says of itself";
  const search = new URLSearchParams({ from, to });
  return [{ ...page, title, path: `/settings/operations?${search.toString()}` }];
}

function utcText(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
