import { prepareSparkline } from "./prepare-sparkline.ts";

import styles from "./sparkline-chart.module.css";

interface SparklineProps {
  readonly points: readonly (readonly [timeMs: number, value: number | null])[];
  /** The scale ends here at least. */
  readonly scaleMin: number;
  readonly tone?: "plain" | "bad";
  /** What a reader who cannot see it is told, from the last and the greatest value and how many were measured. */
  readonly label: (last: number | null, max: number | null, measured: number) => string;
}

/** A trend in a table cell. */
export function SparklineChart({ points, scaleMin, tone = "plain", label }: SparklineProps) {
  const shape = prepareSparkline(points, scaleMin);
  const text = label(shape.last, shape.max, shape.measured);
  return (
    <svg
      aria-label={text}
      className={styles["sparkline"]}
      data-tone={tone}
      preserveAspectRatio="none"
      role="img"
      viewBox="0 -4 100 108"
    >
      <title>{text}</title>
      {shape.areas.map((path) => (
        <path className={styles["area"]} d={path} key={path} />
      ))}
      {shape.lines.map((path) => (
        <path className={styles["line"]} d={path} key={path} />
      ))}
      {shape.dots.map(({ x, y }) => (
        <path className={styles["dot"]} d={`M${x} ${y}h0.01`} key={x} />
      ))}
    </svg>
  );
}
