/** Where one-line notices for people go; a pino logger fits. */
export interface Notices {
  info(message: string): void;
  warn(message: string): void;
}
