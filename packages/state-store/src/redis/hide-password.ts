import type { Client } from "./connection.ts";

/**
 * A client whose errors never hold the password of its URL: a server may say back what it was sent, as in
 * `ERR unknown command 'AUTH', with args beginning with: ...`.
 */
export function hidePassword(client: Client, url: string): Client {
  const hide = passwordHider(url);
  const hidden = async <T>(reply: Promise<T>): Promise<T> => {
    try {
      return await reply;
    } catch (error) {
      // Changed in place: what kind of error it is, others look at.
      if (error instanceof Error) {
        error.message = hide(error.message);
        if (error.stack !== undefined) error.stack = hide(error.stack);
      }
      throw error;
    }
  };
  return {
    connect: () => hidden(client.connect()),
    destroy: () => client.destroy(),
    sendCommand: (args) => hidden(client.sendCommand(args)),
    on: (event, listener) => client.on(event, listener),
    get isReady() {
      return client.isReady;
    },
  };
}

/** What takes the password of a URL out of a text, as it is written there and as it is sent. */
function passwordHider(url: string): (text: string) => string {
  const written = URL.parse(url)?.password ?? "";
  const forms = [...new Set([decoded(written), written])].filter((form) => form !== "");
  return (text) => forms.reduce((rest, form) => rest.replaceAll(form, "***"), text);
}

function decoded(written: string): string {
  try {
    return decodeURIComponent(written);
  } catch {
    return written;
  }
}
