"use client";

import { Button } from "@mantine/core";
import { useTranslations } from "next-intl";

import { Message } from "#components/ui/message.tsx";

export default function ErrorPage({ retry }: { readonly retry: () => void }) {
  const t = useTranslations("failure");
  return (
    <Message hint={t("hint")} title={t("title")}>
      <Button onClick={() => retry()} size="compact-md" variant="default">
        {t("retry")}
      </Button>
    </Message>
  );
}
