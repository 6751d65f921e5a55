import { Badge, createTheme, type CSSVariablesResolver, Menu } from '@mantine/core';

/** Calm and plain; the shades are those whose text passes WCAG AA on both grounds. */
export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 8, dark: 7 },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Badge: Badge.extend({ defaultProps: { tt: 'none', fw: 600 } }),
    // Focus goes to the first item at once: a placeholder in between is no item of a menu to a screen reader.
    Menu: Menu.extend({ defaultProps: { withInitialFocusPlaceholder: false } }),
  },
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif',
});

/** White on the red of the dark scheme does not pass; the kit writes the shade of its scheme over what a style sheet says. */
export const readableColors: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: {},
  dark: { '--mantine-color-red-filled': colors.red[9], '--mantine-color-red-filled-hover': '#b02525' },
});
