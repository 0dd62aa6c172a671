/** How a row is named and drawn. */
export interface RowStyle {
  readonly label: string;
  /** A color of app/globals.css, as `var(--…)`. */
  readonly color: string;
  /** Tells lines apart without color. */
  readonly dash?: "solid" | "dashed" | "dotted";
}
