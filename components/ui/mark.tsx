import styles from "./mark.module.css";

/** Three hops, and the look through them. */
export function Mark() {
  return (
    <svg aria-hidden="true" className={styles["mark"]} viewBox="0 0 24 24">
      <circle cx="12" cy="12" fill="none" r="10" stroke="currentColor" strokeWidth="2" />
      <path d="M2 12h5m10 0h5" stroke="currentColor" strokeWidth="2" />
      <circle cx="12" cy="12" fill="currentColor" r="3.2" />
    </svg>
  );
}
