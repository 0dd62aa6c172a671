"use client";

import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";

import { send } from "../data/send.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { Field } from "../ui/field.tsx";
import { Nothing, Panel } from "../ui/panel.tsx";
import { Refused } from "../ui/refused.tsx";

import form from "../ui/form.module.css";
import styles from "./slos.module.css";

/** Takes and gives objectives as OpenSLO v1 documents. */
export function OpenSloPage({ yaml }: { readonly yaml: string }) {
  const t = useTranslations("openSlo");
  const copy = useTranslations("empty");
  return (
    <>
      <div className={styles["head"]}>
        <div>
          <h1>{t("title")}</h1>
          <p>{t("lead")}</p>
        </div>
        <Link href="/slos">{t("back")}</Link>
      </div>
      <Import />
      <Panel
        aside={
          yaml === "" ? null : (
            <CopyButton done={copy("copied")} label={copy("copy")} value={yaml} />
          )
        }
        title={t("export")}
      >
        {yaml === "" ? (
          <Nothing>{t("none")}</Nothing>
        ) : (
          <pre className={styles["yaml"]}>{yaml}</pre>
        )}
      </Panel>
    </>
  );
}

function Import() {
  const t = useTranslations("openSlo");
  const router = useRouter();
  const [yaml, setYaml] = useState("");
  const take = useMutation({
    mutationFn: () =>
      send(
        "POST",
        "slos/openslo",
        { yaml },
        async () => (await import("#lib/contract/slos.ts")).openSloTaken,
      ),
    onSuccess: () => router.refresh(),
  });
  return (
    <form
      className={form["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        take.mutate();
      }}
    >
      <Field hint={t("importHint")} label={t("import")}>
        <textarea
          onChange={(event) => setYaml(event.target.value)}
          required
          rows={8}
          spellCheck={false}
          value={yaml}
        />
      </Field>
      <div className={form["actions"]}>
        <Button loading={take.isPending} size="xs" type="submit">
          {t("take")}
        </Button>
      </div>
      <Refused error={take.error} />
      <p aria-live="polite">
        {take.data === undefined ? "" : t("taken", { keys: take.data.keys.join(", ") })}
      </p>
    </form>
  );
}
