import { Badge, createTheme } from '@mantine/core';

/** Calm and plain; the shades are those whose text passes WCAG AA on both grounds. */
export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 8, dark: 7 },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: { Badge: Badge.extend({ defaultProps: { tt: 'none', fw: 600 } }) },
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif',
});
