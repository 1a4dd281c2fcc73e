/** `redis` and how it is mistyped, at the beginning of a text that has no @ to say where a password ends. */
const LIKE_REDIS = /^\W*redd?iss?\b/i;
/** Behind a user's name there is something that is no port. */
const USER_AND_MORE = /:\/\/[^/]*:(?!\d{1,5}(?:\/|$))/;

/**
 * Text of a configuration as messages may show it: `redis://user:word@host` becomes `redis:***@host`. Whatever is written
 * wrong around it, a password stands before the last @.
 */
export function withoutPassword(text: string): string {
  const at = text.lastIndexOf("@");
  const start = text.search(/[:/]/);
  if (start !== -1 && at > start) return `${text.slice(0, start + 1)}***${text.slice(at)}`;
  if (at === -1 && start !== -1 && (LIKE_REDIS.test(text) || USER_AND_MORE.test(text)))
    return `${text.slice(0, start + 1)}***`;
  return text;
}
