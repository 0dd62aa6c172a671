"use client";

import { useTranslations } from "next-intl";
import { useRouter } from "next/navigation";
import { useState } from "react";

import { traceIdIn } from "./trace-id.ts";

import styles from "./shell.module.css";

/** Opens a trace by its id; also takes a whole traceparent header. */
export function TraceSearch() {
  const t = useTranslations("app");
  const router = useRouter();
  const [invalid, setInvalid] = useState(false);
  return (
    <form
      action="/traces"
      className={styles["search"]}
      onSubmit={(event) => {
        event.preventDefault();
        const written = new FormData(event.currentTarget).get("id");
        const traceId = traceIdIn(typeof written === "string" ? written : "");
        setInvalid(traceId === null);
        if (traceId !== null) router.push(`/traces/${traceId}`);
      }}
      role="search"
    >
      <input
        aria-invalid={invalid}
        aria-label={t("openTrace")}
        autoComplete="off"
        maxLength={200}
        name="id"
        onChange={() => setInvalid(false)}
        placeholder={t("openTraceShort")}
        spellCheck={false}
        title={invalid ? t("openTraceInvalid") : t("openTrace")}
      />
      <span aria-live="polite" className="visually-hidden">
        {invalid ? t("openTraceInvalid") : ""}
      </span>
    </form>
  );
}
