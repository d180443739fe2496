/** Where Hadoken says what it does. `console` is one. */
export interface Logger {
  error(...args: unknown[]): void;
  warn(...args: unknown[]): void;
  info(...args: unknown[]): void;
  debug(...args: unknown[]): void;
}

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

const LEVELS = ['error', 'warn', 'info', 'debug'] as const;

/** The console down to `level`, or the logger itself. */
export function toLogger(log: LogLevel | Logger = 'warn'): Logger {
  if (typeof log === 'object') return log;
  const upTo = LEVELS.indexOf(log as 'error');
  const logger = {} as Logger;
  LEVELS.forEach((level, at) => {
    logger[level] = at <= upTo ? (...args) => console[level]('[hadoken]', ...args) : () => {};
  });
  return logger;
}
