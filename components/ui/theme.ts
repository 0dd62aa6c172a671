import { createTheme } from "@mantine/core";

const sans =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';
const mono =
  'ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace';

/** Mantine, made calm and dense. Colors with meaning stand in app/globals.css. */
export const theme = createTheme({
  fontFamily: sans,
  fontFamilyMonospace: mono,
  headings: { fontFamily: sans, fontWeight: "600" },
  defaultRadius: "sm",
  cursorType: "pointer",
  focusRing: "auto",
  primaryColor: "scope",
  primaryShade: 7,
  components: { Button: { styles: { label: { fontWeight: 500 } } } },
  colors: {
    scope: [
      "#eef4fb",
      "#dbe7f5",
      "#b5cdea",
      "#8cb1df",
      "#6a9ad6",
      "#568cd1",
      "#3f78c0",
      "#2b62a8",
      "#1f4f8c",
      "#133c70",
    ],
  },
});
