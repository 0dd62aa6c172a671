"use client";

import { Button } from "@mantine/core";
import { useTranslations } from "next-intl";
import Link from "next/link";
import { useState } from "react";

import type { AlertAnswer } from "#lib/contract/alerts.ts";

import { Figure } from "../ui/figure.tsx";
import { Moment } from "../ui/moment.tsx";
import { Panel } from "../ui/panel.tsx";
import { searchOf, upstreamAddress } from "../window/window-state.ts";
import { alertRange } from "./alert-window.ts";
import { Lasted } from "./incidents-table.tsx";
import { matchersOf, nowText, type ShownAlert } from "./prepare-alerts.ts";
import { SilenceForm } from "./silence-form.tsx";

import styles from "./alerts.module.css";

interface AlertFiguresProps {
  readonly answer: AlertAnswer;
  readonly shown: ShownAlert;
  readonly nowMs: number;
}

/** When it fired, for how long, and the numbers that made it fire; where to look, and how to be left in peace. */
export function AlertFigures({ answer, shown, nowMs }: AlertFiguresProps) {
  const t = useTranslations("alert");
  const severity = useTranslations("severity");
  const { firedAt, resolvedAt, activeAt } = shown;
  return (
    <>
      <dl className={styles["figures"]}>
        <Figure
          label={firedAt === null ? t("holdsSince") : t("firedAt")}
          value={<Moment nowMs={nowMs} timeMs={Date.parse(firedAt ?? activeAt)} />}
        />
        {firedAt === null ? null : (
          <Figure
            label={resolvedAt === null ? t("firingFor") : t("firedFor")}
            value={<Lasted incident={{ firedAt, resolvedAt }} nowMs={nowMs} />}
          />
        )}
        {resolvedAt === null ? null : (
          <Figure
            label={t("resolvedAt")}
            value={<Moment nowMs={nowMs} timeMs={Date.parse(resolvedAt)} />}
          />
        )}
        <Figure label={t("severity")} value={severity(shown.severity)} />
        {shown.values.map(({ name, text }) => (
          <ValueFigure answer={answer} key={name} name={name} text={text} />
        ))}
      </dl>
      <Doing nowMs={nowMs} shown={shown} stored={answer.incident?.evidence ?? []} />
    </>
  );
}

interface ValueFigureProps {
  readonly answer: AlertAnswer;
  readonly name: string;
  readonly text: string;
}

function ValueFigure({ answer, name, text }: ValueFigureProps) {
  const t = useTranslations("alert");
  const now = nowText(answer, name);
  const fired = answer.incident === null ? undefined : t("whenFired");
  return (
    <Figure
      label={name}
      value={text}
      {...(fired !== undefined && { note: now === null ? fired : t("whenFiredNow", { now }) })}
    />
  );
}

type Evidence = NonNullable<AlertAnswer["incident"]>["evidence"];

interface DoingProps {
  readonly shown: ShownAlert;
  readonly stored: Evidence;
  readonly nowMs: number;
}

/** Where to look, and how to be left in peace. */
function Doing({ shown, stored, nowMs }: DoingProps) {
  const t = useTranslations("alert");
  const [silencing, setSilencing] = useState(false);
  return (
    <>
      <div className={styles["doing"]}>
        <EvidenceLinks nowMs={nowMs} shown={shown} stored={stored} />
        {shown.state === "resolved" ? null : (
          <Button
            aria-expanded={silencing}
            color="gray"
            onClick={() => setSilencing(!silencing)}
            size="compact-md"
            variant="default"
          >
            {t("silence")}
          </Button>
        )}
      </div>
      {silencing ? (
        <SilenceForm matchers={matchersOf(shown.labels)} onDone={() => setSilencing(false)} />
      ) : null}
    </>
  );
}

/** Pages of upstreams and proxies are linked over the time until now; what else was evidence as it was told. */
function EvidenceLinks({ shown, stored, nowMs }: DoingProps) {
  const t = useTranslations("alert");
  const range = alertRange(shown, nowMs);
  const { proxy, upstream } = shown.labels;
  const runbook = shown.annotations["runbook_url"];
  const told = stored.filter(({ kind }) => kind !== "upstream" && kind !== "proxy");
  return (
    <ul className={styles["evidence"]}>
      {proxy === undefined || upstream === undefined ? null : (
        <li>
          <Link href={upstreamAddress(range, proxy, upstream)} prefetch={false}>
            {t("seeUpstream", { upstream })}
          </Link>
        </li>
      )}
      {proxy === undefined ? null : (
        <li>
          <Link href={`/upstreams${searchOf(range, { proxy })}`} prefetch={false}>
            {t("seeProxy", { proxy })}
          </Link>
        </li>
      )}
      {told.map(({ path, title }) => (
        <li key={path}>
          <Link href={path} prefetch={false}>
            {title}
          </Link>
        </li>
      ))}
      {runbook === undefined ? null : (
        <li>
          <a href={runbook} rel="noreferrer">
            {t("runbook")}
          </a>
        </li>
      )}
    </ul>
  );
}

/** The labels by which routes, silences and inhibitions know the alert. */
export function Labels({ labels }: { readonly labels: ShownAlert["labels"] }) {
  const t = useTranslations("alert");
  return (
    <Panel title={t("labels")}>
      <dl className={styles["labels"]}>
        {Object.entries(labels).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
