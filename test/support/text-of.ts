import type { Message } from '../../src/runtime/messaging';

/** The payload as text; nothing for no message. */
export function textOf(message: Message | undefined): string {
  return Buffer.from(message?.getData() ?? []).toString();
}
