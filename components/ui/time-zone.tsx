"use client";

import { useTimeZone, useTranslations } from "next-intl";
import { useRouter } from "next/navigation";
import { useEffect } from "react";

/** Says which clock the page's times are on, and tells the server the reader's, which only the browser knows. */
export function TimeZone() {
  const t = useTranslations("app");
  const shown = useTimeZone() ?? "UTC";
  const router = useRouter();
  useEffect(() => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (zone === shown) return;
    const cookie = `viascope-time-zone=${encodeURIComponent(zone)}`;
    if (document.cookie.includes(cookie)) return;
    document.cookie = `${cookie}; path=/; max-age=31536000; samesite=lax`;
    router.refresh();
  }, [shown, router]);
  return <span>{t("timeZone", { zone: shown })}</span>;
}
