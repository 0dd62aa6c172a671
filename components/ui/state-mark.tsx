import { useTranslations } from "next-intl";

import type { State } from "../overview/prepare-state.ts";

import styles from "./state-mark.module.css";

const shapes = {
  failing: "M5 0.8 9.6 9.2H0.4Z",
  degraded: "M5 0.4 9.6 5 5 9.6 0.4 5Z",
  ok: "M5 1.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7",
  quiet: "M5 2.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 1 0 0-5.6M5 1a4 4 0 1 1 0 8a4 4 0 1 1 0-8",
} as const;

/** A state as a shape of its own, its color, and its word. */
export function StateMark({
  state,
  word = false,
}: {
  readonly state: State;
  readonly word?: boolean;
}) {
  const t = useTranslations("state");
  return (
    <ShapeMark label={t(state)} state={state} title={`${t(state)}. ${t("meaning")}`} word={word} />
  );
}

interface ShapeMarkProps {
  readonly state: State;
  readonly label: string;
  readonly title?: string;
  readonly word?: boolean;
}

/** The shape and color of a state, for something that has words of its own. */
export function ShapeMark({ state, label, title, word = false }: ShapeMarkProps) {
  return (
    <span className={styles["mark"]} data-state={state} title={title}>
      <svg aria-hidden="true" height="10" viewBox="0 0 10 10" width="10">
        <path d={shapes[state]} fill="currentColor" fillRule="evenodd" />
      </svg>
      <span className={word ? styles["word"] : "visually-hidden"}>{label}</span>
    </span>
  );
}
