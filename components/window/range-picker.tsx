"use client";

import { Button } from "@mantine/core";
import { useTimeZone, useTranslations } from "next-intl";
import { useState, type FocusEvent, type KeyboardEvent } from "react";

import { timeOf, windowOf, type WindowText } from "#lib/core/window.ts";

import { zoneOffsetMs } from "../charts/prepare-axis.ts";
import { useFormats, type Formats } from "../format/use-formats.ts";
import { localInput, pastSeconds, quickRanges } from "./range-label.ts";
import { useWindow } from "./use-window.ts";
import { windowOrLastHour } from "./window-state.ts";

import styles from "./range-picker.module.css";

/** Chooses the window of the page: the choice stands in the address. */
export function RangePicker() {
  return <RangeChoice {...useWindow()} />;
}

interface RangeChoiceProps {
  readonly text: WindowText;
  readonly setWindow: (next: WindowText) => void;
}

/** Chooses a window: a quick range, or two points in time. */
export function RangeChoice({ text, setWindow }: RangeChoiceProps) {
  const t = useTranslations("window");
  const formats = useFormats();
  const [opened, setOpened] = useState(false);
  const choose = (next: WindowText) => {
    setWindow(next);
    setOpened(false);
  };
  const label = useRangeLabel(text);
  return (
    <div className={styles["anchor"]} {...closing(() => setOpened(false))}>
      <Button
        aria-expanded={opened}
        aria-label={`${t("label")}: ${label}`}
        color="gray"
        onClick={() => setOpened(!opened)}
        size="compact-md"
        variant="default"
      >
        <span className={styles["label"]} suppressHydrationWarning>
          {label}
        </span>
        <span aria-hidden="true" className={styles["caret"]} />
      </Button>
      {opened ? (
        <div aria-label={t("label")} className={styles["picker"]} role="dialog">
          <div aria-label={t("quick")} className={styles["quick"]} role="group">
            {quickRanges.map((from) => (
              <button
                aria-pressed={text.from === from && text.to === "now"}
                key={from}
                onClick={() => choose({ from, to: "now" })}
                ref={text.from === from && text.to === "now" ? focus : undefined}
                type="button"
              >
                {pastLabel({ from, to: "now" }, formats, t) ?? from}
              </button>
            ))}
          </div>
          <CustomRange choose={choose} text={text} />
        </div>
      ) : null}
    </div>
  );
}

/** What closes an open picker: Escape, or the focus going elsewhere, which a click elsewhere does too. */
function closing(close: () => void) {
  return {
    onBlur: (event: FocusEvent<HTMLElement>) => {
      if (!event.currentTarget.contains(event.relatedTarget)) close();
    },
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => {
      if (event.key !== "Escape") return;
      close();
      event.currentTarget.querySelector("button")?.focus();
    },
  };
}

function focus(element: HTMLElement | null): void {
  element?.focus();
}

/** The window in the reader's words. */
function useRangeLabel(text: WindowText): string {
  const t = useTranslations("window");
  const formats = useFormats();
  const past = pastLabel(text, formats, t);
  if (past !== null) return past;
  const words = (moment: string) => {
    const timeMs = moment.startsWith("now") ? null : timeOf(moment, 0);
    // Any day but the first of 1970 is then written out.
    return timeMs === null ? moment : formats.moment(timeMs, 0);
  };
  return t("absolute", { from: words(text.from), to: words(text.to) });
}

function pastLabel(
  text: WindowText,
  formats: Formats,
  t: (key: "past", values: { span: string }) => string,
): string | null {
  const seconds = pastSeconds(text);
  return seconds === null ? null : t("past", { span: formats.step(seconds) });
}

function CustomRange({
  text,
  choose,
}: {
  readonly text: WindowText;
  readonly choose: (next: WindowText) => void;
}) {
  const t = useTranslations("window");
  const zone = useTimeZone() ?? "UTC";
  const [invalid, setInvalid] = useState(false);
  const [window] = useState(() => windowOrLastHour(text, Date.now()));
  return (
    <form
      className={styles["custom"]}
      onSubmit={(event) => {
        event.preventDefault();
        const next = rangeOf(new FormData(event.currentTarget), zone);
        setInvalid(next === null);
        if (next !== null) choose(next);
      }}
    >
      {(["from", "to"] as const).map((name) => (
        <label key={name}>
          <span>{t(name)}</span>
          <input
            defaultValue={inputValue(name === "from" ? window.fromMs : window.toMs, zone)}
            name={name}
            required
            step={1}
            type="datetime-local"
          />
        </label>
      ))}
      <p aria-live="polite" className={styles["invalid"]}>
        {invalid ? t("invalid") : ""}
      </p>
      <Button size="compact-md" type="submit">
        {t("apply")}
      </Button>
    </form>
  );
}

function inputValue(timeMs: number, zone: string): string {
  return localInput(timeMs, zoneOffsetMs(timeMs, zone));
}

function rangeOf(form: FormData, zone: string): WindowText | null {
  const [fromMs, toMs] = ["from", "to"].map((name) => {
    const value = form.get(name);
    const asUtcMs = Date.parse(typeof value === "string" ? `${value}Z` : "");
    return asUtcMs - zoneOffsetMs(asUtcMs, zone);
  });
  if (fromMs === undefined || toMs === undefined || Number.isNaN(fromMs + toMs)) return null;
  const text = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
  return typeof windowOf(text, Date.now()) === "string" ? null : text;
}
