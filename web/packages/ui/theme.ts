/** The Mantine theme: our tokens in Mantine's variables, and the places where its defaults fail contrast mended. */
import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type VariantColorsResolver,
} from "@mantine/core";
import { dark, darkMore, light, lightMore, type Token, variables } from "./tokens.ts";

/** autoContrast looks at the light shade only: in dark the main button would be white on #27b5dc, 2.4:1. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const resolved = defaultVariantColorsResolver(input);
  return input.variant === "filled" ? { ...resolved, color: "var(--p-on)" } : resolved;
};

const tones: Record<string, "accent" | "ok" | "warn" | "bad" | "wrap"> = {
  canard: "accent",
  vert: "ok",
  ambre: "warn",
  rouge: "bad",
  violet: "wrap",
};

/** Mantine's own variables for one theme, beside our `--p-*`. */
function mantineVariables(tokens: Record<Token, string>): Record<string, string> {
  const out: Record<string, string> = {
    ...variables(tokens),
    "--mantine-primary-color-contrast": tokens.on,
    "--mantine-color-body": tokens.surface,
    "--mantine-color-text": tokens.text,
    "--mantine-color-dimmed": tokens.text3,
    "--mantine-color-placeholder": tokens.text3,
    "--mantine-color-default-border": tokens.line2,
    "--mantine-color-default-hover": tokens.hover,
    "--mantine-color-anchor": tokens.accentText,
    "--mantine-color-error": tokens.bad,
  };
  for (const [color, tone] of Object.entries(tones)) {
    const text = tone === "accent" ? tokens.accentText : tokens[tone];
    out[`--mantine-color-${color}-light`] = tokens[`${tone}Soft`];
    out[`--mantine-color-${color}-light-hover`] = tokens[`${tone}Soft`];
    out[`--mantine-color-${color}-light-color`] = text;
    out[`--mantine-color-${color}-text`] = text;
  }
  return out;
}

export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: mantineVariables(light),
  dark: mantineVariables(dark),
});

/** The same with more contrast. */
export const contrastResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: mantineVariables(lightMore),
  dark: mantineVariables(darkMore),
});

export const theme = createTheme({
  variantColorResolver,
  primaryColor: "canard",
  primaryShade: { light: 7, dark: 4 },
  black: "#181f22",
  cursorType: "pointer",
  fontFamily: '"Geist Variable",system-ui,sans-serif',
  fontFamilyMonospace: '"Geist Mono Variable",ui-monospace,monospace',
  fontSizes: {
    xs: ".75rem",
    sm: ".8125rem",
    md: ".875rem",
    lg: "1rem",
    xl: "1.625rem",
  },
  respectReducedMotion: true,
  defaultRadius: "md",
  radius: { xs: "4px", sm: "6px", md: "8px", lg: "12px", xl: "16px" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  shadows: {
    xs: "var(--p-sh1)",
    sm: "var(--p-sh1)",
    md: "var(--p-sh2)",
    lg: "var(--p-sh3)",
    xl: "var(--p-sh3)",
  },
  components: {
    Input: {
      // the default border of a field is too pale to be seen as one (WCAG 1.4.11)
      vars: (_: unknown, props: { error?: unknown }) => ({
        wrapper: {
          "--input-bd": props.error ? "var(--mantine-color-error)" : "var(--p-control)",
          "--input-bd-focus": "var(--mantine-primary-color-filled)",
        },
      }),
    },
    Button: {
      defaultProps: { size: "sm", fw: 550 },
      vars: (_: unknown, props: { size?: string }) => ({
        root:
          props.size === "sm"
            ? {
                "--button-height": "var(--control-height)",
                "--button-padding-x": "12px",
              }
            : {},
      }),
    },
    UnstyledButton: { defaultProps: { fz: "inherit", lh: "inherit" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
    Menu: {
      defaultProps: {
        shadow: "lg",
        radius: "lg",
        position: "bottom-start",
        withInitialFocusPlaceholder: false,
      },
    },
    Popover: { defaultProps: { shadow: "lg", radius: "lg" } },
    Tooltip: {
      defaultProps: { openDelay: 400, radius: "sm", withArrow: false },
    },
    Badge: {
      defaultProps: { variant: "light", radius: "sm" },
      styles: { label: { textTransform: "none", fontWeight: 500 } },
    },
  },
  colors: {
    canard: [
      "#ecf9fe",
      "#cff2ff",
      "#9ee6ff",
      "#62d1f5",
      "#27b5dc",
      "#0396b9",
      "#057b98",
      "#00647c",
      "#004d60",
      "#013441",
    ],
    vert: [
      "#e6feea",
      "#ccf9d4",
      "#a6edb5",
      "#7cd992",
      "#53be70",
      "#30a054",
      "#12853e",
      "#016c2f",
      "#005423",
      "#003915",
    ],
    ambre: [
      "#fff5e9",
      "#ffe7ca",
      "#ffd096",
      "#f8b14f",
      "#de9207",
      "#b87803",
      "#976201",
      "#7b4f00",
      "#603c00",
      "#422700",
    ],
    rouge: [
      "#fff4f3",
      "#ffe4e1",
      "#fecbc6",
      "#ffa69e",
      "#ff726b",
      "#e44a49",
      "#c13234",
      "#a02326",
      "#7e181b",
      "#570e10",
    ],
    violet: [
      "#f7f5ff",
      "#ebe8ff",
      "#d9d3ff",
      "#c2b5fe",
      "#a890fe",
      "#8c6fe4",
      "#7357c3",
      "#5d45a2",
      "#483480",
      "#302258",
    ],
    gray: [
      "#f9fafb",
      "#f2f4f5",
      "#e7eaeb",
      "#d7dcde",
      "#b9bfc2",
      "#8e979a",
      "#6a7377",
      "#4d575b",
      "#303a3d",
      "#181f22",
    ],
    dark: [
      "#e7eaec",
      "#b3bcc0",
      "#8f9a9f",
      "#737e83",
      "#343d42",
      "#242c30",
      "#1d2427",
      "#14191c",
      "#101518",
      "#0d1113",
    ],
  },
});
