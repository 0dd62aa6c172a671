"use client";

import { Button, PasswordInput } from "@mantine/core";
import { useTranslations } from "next-intl";

import { Mark } from "../ui/mark.tsx";

import styles from "./login-page.module.css";

interface LoginPageProps {
  /** Where the login leads to. */
  readonly next: string;
  readonly problem: "wrong" | "limited" | null;
}

/** Asks for the one shared password. */
export function LoginPage({ next, problem }: LoginPageProps) {
  const t = useTranslations("login");
  const app = useTranslations("app");
  return (
    <main className={styles["login"]}>
      <form action="/api/login" method="post">
        <div className={styles["brand"]}>
          <Mark />
          {app("name")}
        </div>
        <h1>{t("title")}</h1>
        <input name="next" type="hidden" value={next} />
        <PasswordInput
          autoComplete="current-password"
          description={t("hint")}
          error={problem === null ? undefined : t(problem)}
          label={t("password")}
          name="password"
          required
          withAsterisk={false}
        />
        <Button fullWidth type="submit">
          {t("submit")}
        </Button>
      </form>
    </main>
  );
}
