import { z } from "zod";
import { policyDraft } from "./policy-schema.ts";
import { configDraft } from "./schema.ts";

/** The JSON schema of `postern.yaml`, with a sentence on each key. */
export function configJsonSchema(): unknown {
  return z.toJSONSchema(configDraft, { io: "input", unrepresentable: "any" });
}

/** The JSON schema of a policy file. */
export function policyJsonSchema(): unknown {
  return z.toJSONSchema(policyDraft, { io: "input", unrepresentable: "any" });
}
