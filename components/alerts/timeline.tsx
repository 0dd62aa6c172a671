"use client";

import { useTranslations } from "next-intl";

import type { TimelineItem } from "#lib/contract/alerts.ts";
import type { DeliveryItem } from "#lib/contract/deliveries.ts";

import { Moment } from "../ui/moment.tsx";
import { Values } from "./alert-facts.tsx";
import { prepareTimeline, type TimelineLine } from "./prepare-timeline.ts";

import styles from "./alerts.module.css";

interface TimelineProps {
  readonly timeline: readonly TimelineItem[];
  readonly deliveries: readonly DeliveryItem[];
  readonly nowMs: number;
}

/** What happened to an alert, who was told, and what people wrote; the newest first. */
export function Timeline({ timeline, deliveries, nowMs }: TimelineProps) {
  return (
    <ol className={styles["timeline"]}>
      {prepareTimeline(timeline, deliveries).map((line) => (
        <li key={keyOf(line)}>
          <Moment nowMs={nowMs} timeMs={Date.parse(line.at)} />
          <Line line={line} />
        </li>
      ))}
    </ol>
  );
}

function Line({ line }: { readonly line: TimelineLine }) {
  if (line.kind === "transition") return <Change change={line} />;
  if (line.kind === "delivery") return <Told delivery={line.delivery} />;
  return <Note note={line} />;
}

function Change({ change }: { readonly change: Extract<TimelineItem, { kind: "transition" }> }) {
  const state = useTranslations("alertState");
  return (
    <div>
      <strong>{state(change.to)}</strong> <span className={styles["soft"]}>{change.reason}</span>
      <Values values={change.values} />
    </div>
  );
}

function Note({ note }: { readonly note: Extract<TimelineItem, { author: string }> }) {
  const t = useTranslations("alert");
  const words = { acknowledged: t("noteAcknowledged", { who: note.author }), comment: note.author };
  return (
    <div>
      <strong>{words[note.kind]}</strong>
      {note.text === "" ? null : <p className={styles["said"]}>{note.text}</p>}
    </div>
  );
}

function Told({ delivery }: { readonly delivery: DeliveryItem }) {
  const t = useTranslations("alert");
  const state = useTranslations("deliveryTold");
  return (
    <div>
      <strong>{state(delivery.state, { channel: delivery.channelName })}</strong>{" "}
      <span className={styles["soft"]}>
        {delivery.problem ?? t("attempts", { count: delivery.attempts })}
      </span>
    </div>
  );
}

function keyOf(line: TimelineLine): string {
  if (line.kind === "delivery") return line.delivery.id;
  return `${line.kind} ${line.at} ${line.kind === "transition" ? line.to : line.text}`;
}
