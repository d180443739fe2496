export const usage: string;
export function createBookmarklet(folder: string, take?: string[]): string;
export function run(args: string[]): void;
