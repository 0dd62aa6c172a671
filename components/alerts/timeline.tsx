"use client";

import { useTranslations } from "next-intl";
import Link from "next/link";

import type { TimelineItem } from "#lib/contract/alerts.ts";

import { Moment } from "../ui/moment.tsx";
import { Values } from "./alert-facts.tsx";

import styles from "./alerts.module.css";

interface TimelineProps {
  readonly timeline: readonly TimelineItem[];
  readonly nowMs: number;
}

type Of<Kind extends TimelineItem["kind"]> = Extract<TimelineItem, { kind: Kind }>;

/** What happened to an alert, who was told, and what people wrote; the newest first. */
export function Timeline({ timeline, nowMs }: TimelineProps) {
  return (
    <ol className={styles["timeline"]}>
      {timeline.map((line) => (
        <li key={keyOf(line)}>
          <Moment nowMs={nowMs} timeMs={Date.parse(line.at)} />
          <Line line={line} nowMs={nowMs} />
        </li>
      ))}
    </ol>
  );
}

function Line({ line, nowMs }: { readonly line: TimelineItem; readonly nowMs: number }) {
  if (line.kind === "transition") return <Change change={line} />;
  if (line.kind === "notification") return <Told delivery={line.delivery} />;
  if (line.kind === "silence") return <Silenced nowMs={nowMs} silence={line} />;
  return <Note note={line} />;
}

function Change({ change }: { readonly change: Of<"transition"> }) {
  const state = useTranslations("alertState");
  return (
    <div>
      <strong>{state(change.to)}</strong> <span className={styles["soft"]}>{change.reason}</span>
      <Values values={change.values} />
    </div>
  );
}

function Note({ note }: { readonly note: Of<"acknowledged" | "comment"> }) {
  const t = useTranslations("alert");
  const words = { acknowledged: t("noteAcknowledged", { who: note.author }), comment: note.author };
  return (
    <div>
      <strong>{words[note.kind]}</strong>
      {note.text === "" ? null : <p className={styles["said"]}>{note.text}</p>}
    </div>
  );
}

interface SilencedProps {
  readonly silence: Of<"silence">;
  readonly nowMs: number;
}

function Silenced({ silence, nowMs }: SilencedProps) {
  const t = useTranslations("alert");
  return (
    <div>
      <strong>{t("silencedBy", { who: silence.author })}</strong>{" "}
      <span className={styles["soft"]}>
        {t("until")} <Moment nowMs={nowMs} timeMs={Date.parse(silence.endsAt)} />
      </span>
      <p className={styles["said"]}>{silence.reason}</p>
    </div>
  );
}

function Told({ delivery }: { readonly delivery: Of<"notification">["delivery"] }) {
  const t = useTranslations("alert");
  const state = useTranslations("deliveryTold");
  return (
    <div>
      <Link href={`/settings/notifications/deliveries?open=${delivery.id}`} prefetch={false}>
        <strong>{state(delivery.state, { channel: delivery.channelName })}</strong>
      </Link>{" "}
      <span className={styles["soft"]}>
        {delivery.problem ?? t("attempts", { count: delivery.attempts })}
      </span>
    </div>
  );
}

function keyOf(line: TimelineItem): string {
  if (line.kind === "notification") return line.delivery.id;
  if (line.kind === "silence") return line.id;
  return `${line.kind} ${line.at} ${line.kind === "transition" ? line.to : line.text}`;
}
