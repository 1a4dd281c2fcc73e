import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";

export type KeyKind = "rsa-512" | "rsa-1024" | "rsa-2048" | "rsa-4096" | "ed25519";

/** A private key and what its owner publishes at `SELECTOR._domainkey.DOMAIN`. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  /** The text of the TXT record. */
  readonly record: string;
}

const known = new Map<KeyKind, SigningKey>();

/** The key of a kind, always the same in one process; `rsa-2048` and `ed25519` are the same in every process. */
export function testKey(kind: KeyKind): SigningKey {
  const key = known.get(kind) ?? describe(privateKeyOf(kind));
  known.set(kind, key);
  return key;
}

function privateKeyOf(kind: KeyKind): KeyObject {
  if (kind === "rsa-2048") return createPrivateKey(RSA_2048);
  if (kind === "ed25519") return createPrivateKey(ED25519);
  const modulusLength = Number(kind.slice("rsa-".length));
  return generateKeyPairSync("rsa", { modulusLength }).privateKey;
}

function describe(privateKey: KeyObject): SigningKey {
  const spki = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  // RFC 8463 section 4: the 32 bytes alone, which end the SubjectPublicKeyInfo.
  const record =
    privateKey.asymmetricKeyType === "ed25519"
      ? `v=DKIM1; k=ed25519; p=${spki.subarray(-32).toString("base64")}`
      : `v=DKIM1; k=rsa; p=${spki.toString("base64")}`;
  return { privateKey, record };
}

/*
 * Private keys that everybody may know: made for these tests, protecting nothing. They are written down so that the
 * signatures of a test are the same in every run.
 */
const RSA_2048 = `-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCr2EB3WOnf8nci
0OtV9paL5nVagEG8PGMA4CWQZznQVN9E/Wypk38p4sbL7l/m4aSeOMR1rWeiess1
hHQvB0heLoowHg7fzGTxrfdOjDHEv5XYQxJIOfWEMzcMRRDeptL3lksoFg7Qvm3G
dZnyLshBCIJzowT78WYcjs0AyrNnoLS+XLyvqhXFlf5kTWhYcW9Wg+fyv5cc5uj/
814odOHa1RXOONaR9o51N30IfmXMoAm+i5IGxMERXtD78A/ZHAgND+EZZeoXf67+
CTSghtpLW3qQXgIqYrOlGVD0e90sp8Dbe1rFalmpogRaDFuCSQsJ9RoYrZdMbJDX
3r+xNhCHAgMBAAECggEAQYpvf/Vp8c90r9M1xqoPXhlODe/X4na3ndhfi1VLgBE2
vIXZgU2vlOaYwqPOcO0Dj5MAHw+9dINX6Lf1ZhBlggJHEzYLn0DCCUk8BvnCa5NU
j9B48xIj+UFdT/Exj3HaCbMJRCcxjFzs2mH1DqDYILGhq3/0ATFfLCostw4YYb+Q
gb3J9/LPS3FezM+4XTWQ9bgveI8/0/f2z4jtG+1lcqQdqytJteQDOcMmut04S4t5
T/zqAIcb4twI29hMq0LOTdd5BdgkUbPx0PN5IMUA1OrJSMaLjhHqJ9MjQOyzd843
0BzgVHnLyIh+HXmzeS2NdWXpQDFZFxaA/QzkZhi2PQKBgQDvHAqFbTNddwHPwux8
xU46Pk6CGdb8nqcJAzxK7NXDPQUfSzMEZn3kBOfj6AF01oSWUD1Zx6K0cz/B1kMA
zkH2aFjpugZZiTRuB5CR1F1Mou6/Djmn64bk03rFljI2jCggU56kV8JKjHaRfYEC
MhSujCji7w5EY0DDMQkYj6091QKBgQC3+9JUNKzllWOmEFQKD3GJCKZVK8soyoXM
W9LW29WsjsrDFFg+UmSoOpFwG7C0/23/GrrTBu4EODx8o4qhcuyxa3cQTuXJmCDo
niHi/vsi4zOTZpKc4gbgrZsiEO/HoZevF1qDhdTAdVV0PpYVNh5ImiyQaLDMdjCp
jHPrq2YW6wKBgDjEOH860LIE2epARbLNiOfs+OiMR+0LoW5TVVIYbht+9iNa0A7g
YkzrGT6TSx04/JtPC3GwIqGipuVW/+tGDIT6evlqT62cFFV2+EyW1VunZvT25JtI
IGtdBc24/czTc4dRMt2jdB4MwO2DlUg3KY/S+LX/uSxlP+/XSWiKW7/NAoGBAIWE
Mjb5ox9ZMl+pKdPDMVmI9WyJw31uu3p6iJ90GbSIS40WjpNrp7COEE2TSsGPPHwN
IddTCBf316174XcYt7xpiJZFK20JAZjOaTkaYZYH2730iiFfxi32zsYCFICDPFjM
Udtwm9yvSbx6TuBFzeRSPlTuJJ+8hcQFMXqtgADRAoGBAK+ChxiOWxTs9Os1h8Tr
TK75gAoJGLUg+U/tBL8rsLiX7jxuJlXea6rAQZuWxSlSlswD9MhvIAtiuHSjUUiB
VnAEUvBxZDcxzxL9Eh2JWXEDx7jqVBrRjC9iYN0QnJa6ZJlfQpPG2sph6IT5XiLM
XkLgTHHBfmBY84kfP34ENGS+
-----END PRIVATE KEY-----
`;

const ED25519 = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIAYjdEp3P22WbVin6UT9WpMHUj7j4xQmNW+doVOc1aql
-----END PRIVATE KEY-----
`;
