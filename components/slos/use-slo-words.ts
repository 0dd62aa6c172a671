"use client";

import { useTranslations } from "next-intl";

import type { SloItem } from "#lib/contract/slos.ts";

import { useFormats } from "../format/use-formats.ts";

type Definition = SloItem["definition"];

const daySeconds = 86_400;

/** What an objective says, in words. */
export function useSloWords() {
  const t = useTranslations("sloWords");
  const formats = useFormats();
  return {
    /** What is counted as good, of whose traffic. */
    what(definition: Definition): string {
      const { indicator, thresholdMs, proxy, upstream, endpoint, module } = definition;
      const modules = module === null ? null : t("modules", { module });
      const places = [proxy, upstream, modules, endpoint].filter((place) => place !== null);
      const good =
        indicator === "latency"
          ? t("latency", { threshold: formats.duration(thresholdMs) })
          : t(indicator);
      return places.length === 0 ? `${good}, ${t("all")}` : `${good}, ${places.join(", ")}`;
    },
    /** Over which time. */
    window({ window }: Definition): string {
      return window.kind === "rolling"
        ? t("rolling", { days: window.days })
        : t("calendar", { unit: t(window.unit), zone: window.zone });
    },
    /** In how long the budget is used up at this pace. */
    pace(seconds: number | null): string {
      if (seconds === null) return t("never");
      if (seconds <= 0) return t("already");
      const days = Math.floor(seconds / daySeconds);
      return days >= 2 ? formats.step(days * daySeconds) : formats.duration(seconds * 1_000);
    },
  };
}
