import { type AuthorFact, type HeaderFacts, plainFieldName } from "@postern/filter-core";
import type { ByteText } from "@postern/smtp-filter";
import { MAX_FROM_BYTES, readAuthor } from "../from/author.ts";
import { withoutComments } from "../from/comments.ts";
import { readNamedDomain } from "../from/named-domain.ts";
import { registrableDomain } from "../from/registrable-domain.ts";
import { readDate } from "./date.ts";

/**
 * Some readers end a line at a CR alone, or a field at a NUL: behind one a second From may stand, and whom they show as the
 * author is anybody's guess (RFC 5322 section 2.2 allows neither).
 */
const SPLITS = /\r(?!\n)|\0/;

/** Reads the header of one message while it goes by. What it keeps is bounded, whatever comes. */
export class HeaderReader {
  /** Two are as wrong as a thousand, and one too long as wrong as it gets. */
  readonly #froms: ByteText[] = [];
  readonly #replyTos: ByteText[] = [];
  #date: HeaderFacts["date"] = null;
  #hasReceived = false;
  #hasMessageId = false;
  #hasListId = false;
  #hasListPost = false;
  #hasHttpsUnsubscribe = false;
  #hasOneClick = false;
  #isSplit = false;

  /**
   * @param name as received: case, blanks and folds before the colon do not matter.
   * @param value what follows the colon, folds as LF or CRLF.
   */
  see(name: ByteText, value: ByteText): void {
    this.#isSplit ||= SPLITS.test(name) || SPLITS.test(value);
    switch (plainFieldName(name)) {
      case "from":
        if (this.#froms.length < 2) this.#froms.push(value.slice(0, MAX_FROM_BYTES + 1));
        break;
      case "reply-to":
        if (this.#replyTos.length < 2) this.#replyTos.push(value.slice(0, MAX_FROM_BYTES + 1));
        break;
      case "received":
        this.#hasReceived = true;
        break;
      case "date":
        this.#date ??= readDate(value) ?? "unreadable";
        break;
      case "message-id":
        this.#hasMessageId ||= value.trim() !== "";
        break;
      case "list-id":
        this.#hasListId ||= value.trim() !== "";
        break;
      case "list-post":
        this.#hasListPost ||= offersPosting(value);
        break;
      case "list-unsubscribe":
        this.#hasHttpsUnsubscribe ||= /<[ \t\r\n]*https:[^<>]+>/i.test(value);
        break;
      case "list-unsubscribe-post":
        this.#hasOneClick ||= value.trim().toLowerCase() === "list-unsubscribe=one-click";
        break;
    }
  }

  facts(): HeaderFacts {
    const author: AuthorFact = this.#isSplit
      ? { status: "not-one", reason: "the header holds a bare CR or a NUL" }
      : readAuthor(this.#froms);
    const replyTo = readAuthor(this.#replyTos);
    const organization = author.status === "one" ? registrableDomain(author.domain) : undefined;
    return {
      author,
      organization: organization ?? null,
      hasMessageId: this.#hasMessageId,
      hasReceived: this.#hasReceived,
      namedDomain:
        author.status === "one"
          ? readNamedDomain(this.#froms[0] ?? "", organization ?? author.domain)
          : null,
      replyTo: replyTo.status === "one" ? replyTo.domain : null,
      date: this.#date,
      hasListId: this.#hasListId,
      hasListPost: this.#hasListPost,
      hasHttpsUnsubscribe: this.#hasHttpsUnsubscribe,
      hasOneClick: this.#hasOneClick,
    };
  }
}

/** RFC 2369 section 3.4: `NO (posting not allowed on this list)`. */
function offersPosting(value: ByteText): boolean {
  const plain = withoutComments(value)?.trim().toLowerCase() ?? "";
  return plain !== "" && plain !== "no";
}
