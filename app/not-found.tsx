import { useTranslations } from "next-intl";
import Link from "next/link";

import { Message } from "#components/ui/message.tsx";
import { Shell } from "#components/ui/shell.tsx";

import { passwordAsked } from "./session.ts";

export default function NotFound() {
  const t = useTranslations("failure");
  return (
    <Shell canLogout={passwordAsked()}>
      <Message hint={t("notFoundHint")} title={t("notFoundTitle")}>
        <Link href="/">{t("home")}</Link>
      </Message>
    </Shell>
  );
}
