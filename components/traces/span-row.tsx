"use client";

import { useTranslations } from "next-intl";

import { useFormats } from "../format/use-formats.ts";
import type { WaterfallRow } from "./prepare-waterfall.ts";
import { spanWords, type SpanWords } from "./span-words.ts";

import styles from "./waterfall.module.css";

interface SpanRowProps {
  readonly row: WaterfallRow;
  readonly index: number;
  readonly top: number;
  readonly height: number;
  readonly totalMs: number;
  readonly color: string;
  readonly active: boolean;
  readonly chosen: boolean;
  readonly folded: boolean;
  readonly fold: (spanId: string, close: boolean) => void;
}

const indentMax = 24;
const idPrefix = "span-";

/** The id of the element that shows a span. */
export function rowId(spanId: string): string {
  return `${idPrefix}${spanId}`;
}

/** The span whose row an element is in; null outside of all rows. */
export function spanAt(element: Element): string | null {
  return element.closest(`[id^="${idPrefix}"]`)?.id.slice(idPrefix.length) ?? null;
}

/** One span: its name under its parent's, and its bar on the trace's time. */
export function SpanRow({
  row,
  index,
  top,
  height,
  totalMs,
  color,
  active,
  chosen,
  folded,
  fold,
}: SpanRowProps) {
  const t = useTranslations("trace");
  const formats = useFormats();
  const { span } = row;
  const words = spanWords(span);
  const label = t("spanLabel", {
    name: [words.name, words.target, words.status].filter((word) => word !== null).join(" "),
    service: span.service,
    duration: formats.duration(row.durationMs),
    offset: formats.duration(row.offsetMs),
    error: row.error ? "yes" : "no",
    source: span.logged ? "log" : "span",
  });
  return (
    // Keys and clicks are the treegrid's, which keeps the focus.
    <div
      aria-expanded={row.descendants > 0 ? !folded : undefined}
      aria-label={label}
      aria-level={row.depth + 1}
      aria-rowindex={index + 1}
      aria-selected={chosen}
      className={styles["row"]}
      data-active={active}
      data-error={row.error}
      data-logged={span.logged}
      id={rowId(span.spanId)}
      role="row"
      style={{ transform: `translateY(${top}px)`, height }}
    >
      <div
        className={styles["name"]}
        role="gridcell"
        style={{ paddingLeft: `${Math.min(row.depth, indentMax) * 14}px` }}
      >
        <Fold fold={fold} folded={folded} row={row} />
        <i style={{ background: color }} />
        {row.error ? <ErrorMark /> : null}
        <Words span={span} words={words} />
      </div>
      <Bar color={color} row={row} totalMs={totalMs} />
    </div>
  );
}

interface WordsProps {
  readonly span: WaterfallRow["span"];
  readonly words: SpanWords;
}

function Words({ span, words }: WordsProps) {
  const t = useTranslations("trace");
  const { name, target, status } = words;
  return (
    <>
      <span className={styles["text"]} title={`${span.service}: ${name} ${target ?? ""}`}>
        {name} {target === null ? null : <em>{target}</em>}{" "}
        {status === null ? null : <b>{status}</b>} <small>{span.service}</small>
      </span>
      {span.logged ? <span className={styles["source"]}>{t("log")}</span> : null}
    </>
  );
}

function Fold({ row, folded, fold }: Pick<SpanRowProps, "row" | "folded" | "fold">) {
  const t = useTranslations("trace");
  const { span, descendants, errorsBelow } = row;
  if (descendants === 0) return <span className={styles["leaf"]} />;
  return (
    <button
      aria-label={folded ? t("expand", { name: span.name }) : t("collapse", { name: span.name })}
      className={styles["fold"]}
      data-errors={folded && errorsBelow > 0}
      onClick={(event) => {
        event.stopPropagation();
        fold(span.spanId, !folded);
      }}
      tabIndex={-1}
      type="button"
    >
      <span aria-hidden="true">{folded ? "▸" : "▾"}</span>
      {folded ? <b>{descendants}</b> : null}
    </button>
  );
}

function Bar({ row, totalMs, color }: Pick<SpanRowProps, "row" | "totalMs" | "color">) {
  const formats = useFormats();
  const left = totalMs === 0 ? 0 : (row.offsetMs / totalMs) * 100;
  const width = totalMs === 0 ? 100 : ((row.durationMs ?? 0) / totalMs) * 100;
  // The duration stands where there is room: behind the bar, before it, or on it.
  const side = left + width < 86 ? "after" : left > 14 ? "before" : "on";
  const place =
    side === "after"
      ? { left: `${left + width}%` }
      : side === "before"
        ? { right: `${100 - left}%` }
        : { left: 0 };
  return (
    <div className={styles["time"]} role="gridcell">
      <span
        className={styles["bar"]}
        style={{ left: `${left}%`, width: `${width}%`, background: color }}
      />
      <span className={styles["took"]} data-side={side} style={place}>
        {formats.duration(row.durationMs)}
      </span>
    </div>
  );
}

function ErrorMark() {
  return (
    <svg
      aria-hidden="true"
      className={styles["errorMark"]}
      height="12"
      viewBox="0 0 12 12"
      width="12"
    >
      <path d="M6 0.5 11.7 11H0.3Z" fill="currentColor" />
      <path d="M6 4v3.2M6 8.4v1.2" stroke="var(--surface)" strokeWidth="1.4" />
    </svg>
  );
}
