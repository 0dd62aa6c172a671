import { useTranslations } from "next-intl";

import styles from "./open-trace-page.module.css";

/** Asks for a trace id; a plain form, so that the header's search works without scripts too. */
export function OpenTracePage({ given }: { readonly given: string }) {
  const t = useTranslations("traces");
  const app = useTranslations("app");
  return (
    <form action="/traces" className={styles["form"]}>
      <h1>{t("title")}</h1>
      <p>{t("hint")}</p>
      <label>
        <span>{t("id")}</span>
        <input
          aria-invalid={given !== ""}
          autoComplete="off"
          defaultValue={given}
          name="id"
          spellCheck={false}
        />
      </label>
      {given === "" ? null : (
        <p className={styles["invalid"]} role="alert">
          {app("openTraceInvalid")}
        </p>
      )}
      <button type="submit">{t("open")}</button>
    </form>
  );
}
