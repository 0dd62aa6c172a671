import type { ReactNode } from "react";

import styles from "./message.module.css";

interface MessageProps {
  readonly title: string;
  readonly hint: string;
  /** What can be done: a link or a button. */
  readonly children?: ReactNode;
}

/** A page with one message: what is the matter, and what to do. */
export function Message({ title, hint, children }: MessageProps) {
  return (
    <div className={styles["message"]}>
      <h1>{title}</h1>
      <p>{hint}</p>
      {children}
    </div>
  );
}
