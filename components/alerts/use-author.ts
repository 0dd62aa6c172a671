"use client";

import { useLocalStorage } from "@mantine/hooks";

/** Who writes here: there are no accounts, so the browser remembers the name that was given last. */
export function useAuthor() {
  const [author, setAuthor] = useLocalStorage({ key: "viascope-author", defaultValue: "" });
  return { author, setAuthor, signed: author.trim() === "" ? "somebody" : author.trim() };
}
