"use client";

import { useMessages } from "next-intl";

/** Words for kinds of data and reasons of refusals; one that nobody named yet is shown as it is. */
export function useOperationWords(): {
  readonly kind: (kind: string) => string;
  readonly reason: (reason: string) => string;
} {
  const { dataKind, refusalReason } = useMessages();
  return { kind: wordsOf(dataKind), reason: wordsOf(refusalReason) };
}

function wordsOf(words: Readonly<Record<string, string>>): (key: string) => string {
  const known = new Map(Object.entries(words));
  return (key) => known.get(key) ?? key;
}
