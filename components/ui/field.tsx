import type { ReactNode } from "react";

import styles from "./form.module.css";

interface FieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  /** Whether the hint says what is wrong. */
  readonly wrong?: boolean;
  /** The input, select or textarea. */
  readonly children: ReactNode;
}

/** An input of a form under its name, with what to write in it. */
export function Field({ label, hint, wrong = false, children }: FieldProps) {
  return (
    <label className={styles["field"]}>
      <span className={styles["label"]}>{label}</span>
      {children}
      {hint === undefined ? null : (
        <span className={styles["hint"]} data-wrong={wrong}>
          {hint}
        </span>
      )}
    </label>
  );
}

interface CheckProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

/** Something that is so or not. */
export function Check({ label, checked, onChange }: CheckProps) {
  return (
    <label className={styles["check"]}>
      <input
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        type="checkbox"
      />
      {label}
    </label>
  );
}
