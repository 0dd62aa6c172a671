"use client";

import { Button } from "@mantine/core";
import { useTranslations } from "next-intl";

import { Message } from "#components/ui/message.tsx";

export default function ErrorPage({ reset }: { readonly reset: () => void }) {
  const t = useTranslations("failure");
  return (
    <Message hint={t("offline")} title={t("title")}>
      <Button onClick={reset} size="compact-md" variant="default">
        {t("retry")}
      </Button>
    </Message>
  );
}
