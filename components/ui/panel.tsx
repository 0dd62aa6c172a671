import type { ReactNode } from "react";

import styles from "./panel.module.css";

interface PanelProps {
  readonly title: string;
  /** A word beside the title: the unit, the order, the count. */
  readonly note?: ReactNode;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** A titled part of a page. */
export function Panel({ title, note, aside, children }: PanelProps) {
  return (
    <section aria-label={title} className={styles["panel"]}>
      <header className={styles["head"]}>
        <h2>{title}</h2>
        {note === undefined ? null : <span className={styles["note"]}>{note}</span>}
        {aside === undefined ? null : <div className={styles["aside"]}>{aside}</div>}
      </header>
      {children}
    </section>
  );
}

/** A sentence where there is nothing to show. */
export function Nothing({ children }: { readonly children: ReactNode }) {
  return <p className={styles["nothing"]}>{children}</p>;
}
