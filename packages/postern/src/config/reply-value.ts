import { parseReplyTemplate, type ReplyTemplate } from "@postern/filter-core";
import type { z } from "zod";
import { text } from "./values.ts";

/** A reply of a rule, `550 5.7.25 you must have rDNS to contact this MX`. */
export const replyValue: z.ZodType<ReplyTemplate> = text((written) => {
  const parsed = parseReplyTemplate(written);
  return typeof parsed === "string" ? { wrong: `is not a valid reply: ${parsed}` } : parsed;
}, /^[45]\d\d \S/);
