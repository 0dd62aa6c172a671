"use client";

import { ActionIcon } from "@mantine/core";
import { useTranslations } from "next-intl";

/** Ends the session; a form, so that it works before the page's scripts do. */
export function LogoutButton() {
  const t = useTranslations("app");
  return (
    <form action="/api/logout" method="post">
      <ActionIcon
        aria-label={t("logout")}
        color="gray"
        size={28}
        title={t("logout")}
        type="submit"
        variant="subtle"
      >
        <svg
          aria-hidden="true"
          fill="none"
          height="16"
          stroke="currentColor"
          strokeWidth="1.5"
          viewBox="0 0 16 16"
          width="16"
        >
          <path d="M6 2.5H2.75v11H6M10.5 5l3 3-3 3M6 8h7.5" />
        </svg>
      </ActionIcon>
    </form>
  );
}
