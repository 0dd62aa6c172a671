"use client";

import { Button } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useVirtualizer, type VirtualItem } from "@tanstack/react-virtual";
import { useTranslations } from "next-intl";
import { useMemo, useRef } from "react";

import { valueTicks } from "../charts/prepare-axis.ts";
import { useFormats } from "../format/use-formats.ts";
import type { Waterfall as Prepared } from "./prepare-waterfall.ts";
import { rowId, spanAt, SpanRow } from "./span-row.tsx";
import { useWaterfall } from "./use-waterfall.ts";

import styles from "./waterfall.module.css";

interface WaterfallProps {
  readonly waterfall: Prepared;
  readonly chosen: string | null;
  readonly choose: (spanId: string) => void;
}

const rowHeight = 28;
const rowHeightNarrow = 46;
const servicesMax = 12;
const ticksWanted = 6;

/** The spans of a trace as nested bars on one time axis. Only the rows in sight are drawn. */
export function Waterfall({ waterfall, chosen, choose }: WaterfallProps) {
  const t = useTranslations("trace");
  const scroller = useRef<HTMLDivElement>(null);
  const narrow = useMediaQuery("(max-width: 720px)", false);
  const view = useWaterfall({
    waterfall,
    chosen,
    choose,
    reveal: (place) => virtual.scrollToIndex(place, { align: "auto" }),
  });
  const virtual = useVirtualizer({
    count: view.rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (narrow ? rowHeightNarrow : rowHeight),
    // The keys that React keeps rows by change with the height, so that they are measured anew.
    getItemKey: (place) =>
      `${narrow ? "narrow" : "wide"} ${view.rows[place]?.span.spanId ?? place}`,
    overscan: 12,
    // What the server draws before it knows the window.
    initialRect: { width: 1_200, height: 700 },
  });
  const colorOf = useColors(waterfall);
  return (
    <section aria-label={t("waterfall")} className={styles["waterfall"]}>
      <Tools view={view} waterfall={waterfall} />
      <TimeHead totalMs={waterfall.totalMs} />
      <div
        aria-activedescendant={view.active === null ? undefined : rowId(view.active)}
        aria-label={`${t("waterfall")}. ${t("keys")}`}
        aria-rowcount={view.rows.length}
        className={styles["scroller"]}
        onClick={(event) => {
          const spanId = event.target instanceof Element ? spanAt(event.target) : null;
          if (spanId !== null) view.pick(spanId);
        }}
        onKeyDown={view.onKeyDown}
        ref={scroller}
        role="treegrid"
        tabIndex={0}
      >
        <div className={styles["rows"]} role="rowgroup" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => (
            <Item
              chosen={chosen}
              colorOf={colorOf}
              item={item}
              key={item.key}
              view={view}
              waterfall={waterfall}
            />
          ))}
        </div>
      </div>
    </section>
  );
}

interface ItemProps extends Pick<WaterfallProps, "waterfall" | "chosen"> {
  readonly item: VirtualItem;
  readonly view: ReturnType<typeof useWaterfall>;
  readonly colorOf: (service: string) => string;
}

function Item({ item, view, waterfall, chosen, colorOf }: ItemProps) {
  const row = view.rows[item.index];
  if (row === undefined) return null;
  return (
    <SpanRow
      active={row.span.spanId === view.active}
      chosen={row.span.spanId === chosen}
      color={colorOf(row.span.service)}
      fold={view.fold}
      folded={view.folded.has(row.span.spanId)}
      height={item.size}
      index={item.index}
      row={row}
      top={item.start}
      totalMs={waterfall.totalMs}
    />
  );
}

function useColors(waterfall: Prepared): (service: string) => string {
  return useMemo(() => {
    const places = new Map(waterfall.services.map(({ name }, place) => [name, place % 8]));
    return (service) => `var(--service-${places.get(service) ?? 0})`;
  }, [waterfall]);
}

interface ToolsProps {
  readonly waterfall: Prepared;
  readonly view: ReturnType<typeof useWaterfall>;
}

function Tools({ waterfall, view }: ToolsProps) {
  const t = useTranslations("trace");
  const colorOf = useColors(waterfall);
  return (
    <div className={styles["tools"]}>
      <ul className={styles["services"]}>
        {waterfall.services.slice(0, servicesMax).map((service) => (
          <li key={service.name}>
            <i style={{ background: colorOf(service.name) }} />
            {service.name}
          </li>
        ))}
      </ul>
      <div className={styles["buttons"]}>
        {waterfall.errors > 0 ? (
          <Button color="gray" onClick={view.toNextError} size="compact-sm" variant="default">
            {t("nextError")}
          </Button>
        ) : null}
        <Button
          color="gray"
          onClick={view.folded.size === 0 ? view.foldAll : view.unfoldAll}
          size="compact-sm"
          variant="default"
        >
          {view.folded.size === 0 ? t("collapseAll") : t("expandAll")}
        </Button>
      </div>
    </div>
  );
}

function TimeHead({ totalMs }: { readonly totalMs: number }) {
  const t = useTranslations("trace");
  const formats = useFormats();
  const ticks = valueTicks(totalMs, ticksWanted).filter((tick) => tick.value <= totalMs * 0.95);
  return (
    <div aria-hidden="true" className={styles["timeHead"]}>
      <span className={styles["columnName"]}>{t("columnSpan")}</span>
      <span className={styles["axis"]} title={t("columnTime")}>
        {ticks.map((tick) => (
          <span
            key={tick.value}
            style={{ left: `${totalMs === 0 ? 0 : (tick.value / totalMs) * 100}%` }}
          >
            {formats.duration(tick.value)}
          </span>
        ))}
      </span>
    </div>
  );
}
