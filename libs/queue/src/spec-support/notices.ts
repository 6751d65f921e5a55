export const silentNotices = { info: (): void => undefined, warn: (): void => undefined };
