import type en from "./en.json";

declare module "next-intl" {
  interface AppConfig {
    Messages: typeof en;
  }
}

/** The languages there is a catalog for; the first is the one to fall back to. */
export const languages = ["en"] as const;
export type Language = (typeof languages)[number];
