"use client";

import { ActionIcon, useMantineColorScheme } from "@mantine/core";
import { useMounted } from "@mantine/hooks";
import { useTranslations } from "next-intl";

const next = { light: "dark", dark: "auto", auto: "light" } as const;

/** Goes through light, dark and the system's choice; the browser remembers. */
export function ColorSchemeButton() {
  const t = useTranslations("app");
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  // The server does not know the choice.
  const shown = useMounted() ? colorScheme : "auto";
  const label = t("colorScheme", { scheme: shown });
  return (
    <ActionIcon
      aria-label={label}
      color="gray"
      onClick={() => setColorScheme(next[colorScheme])}
      size={28}
      title={label}
      variant="subtle"
    >
      <svg aria-hidden="true" height="16" viewBox="0 0 16 16" width="16">
        <circle cx="8" cy="8" fill="none" r="6.25" stroke="currentColor" strokeWidth="1.5" />
        {shown === "light" ? null : (
          <path
            d={
              shown === "dark"
                ? "M8 1.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5"
                : "M8 1.75v12.5a6.25 6.25 0 0 0 0-12.5"
            }
            fill="currentColor"
          />
        )}
      </svg>
    </ActionIcon>
  );
}
