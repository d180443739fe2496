/** What a command is told on its line. */
import { parseArgs } from 'node:util';

/**
 * Reads `args`. `misuse(message)` is an error that says how the command is used; it ends with 2, and so does what
 * can't be read.
 *
 * @template {import('node:util').ParseArgsConfig['options']} Options
 * @param {string} usage
 * @param {Options} options
 * @param {string[]} args
 */
export function readCommand(usage, options, args) {
  const misuse = (message) =>
    Object.assign(new Error(`${message}\nUsage: npx hadoken ${usage}`), { exitCode: 2 });
  try {
    return { ...parseArgs({ args, options, allowPositionals: true }), misuse };
  } catch (error) {
    throw misuse(error.message);
  }
}
