import type { ReactNode } from "react";

import styles from "./figure.module.css";

interface FigureProps {
  readonly label: string;
  readonly value: ReactNode;
  readonly note?: string;
  /** The whole of the value, where it is shortened. */
  readonly title?: string | undefined;
  readonly tone?: "plain" | "warn" | "bad";
}

/** A number that stands for itself, with its name above and what explains it below; a child of a `dl`. */
export function Figure({ label, value, note, title, tone = "plain" }: FigureProps) {
  return (
    <div className={styles["figure"]}>
      <dt>{label}</dt>
      <dd data-tone={tone} title={title}>
        {value}
      </dd>
      {note === undefined ? null : <dd className={styles["note"]}>{note}</dd>}
    </div>
  );
}
