"use client";

import { Button } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";

interface CopyButtonProps {
  readonly value: string;
  readonly label: string;
  readonly done: string;
}

/** Copies a text, and says when it has. */
export function CopyButton({ value, label, done }: CopyButtonProps) {
  const clipboard = useClipboard({ timeout: 1_500 });
  return (
    <Button
      aria-live="polite"
      color="gray"
      onClick={() => clipboard.copy(value)}
      size="compact-xs"
      variant="default"
    >
      {clipboard.copied ? done : label}
    </Button>
  );
}
