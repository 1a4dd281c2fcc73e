import { test } from "node:test";
import { assertRefused, type Broken } from "./testing/refused.ts";

const broken: readonly Broken[] = [
  ["mode: enfroce", "1:7", 'mode: "enfroce" is not one of observe, junk, enforce (did you'],
  ["lisen: 3", "1:1", "unknown key: lisen (did you mean listen?)"],
  ["mode: observe\nmode: junk", "2:1", '"mode" is given twice'],
  ["trusted: [2001:db8::]", "1:11", 'YAML reads a word that ends in ":" as a map: quote it,'],
  ["trusted: [ok, 1.2.3.4/8]", "1:11", "trusted[0]: must be an IP address or network, such as"],
  ["trusted:\n  - 2001:db8::", "2:5", 'YAML reads a word that ends in ":" as a map: quote it,'],
  ["trusted:\n  - ::", "2:5", 'YAML reads a word that ends in ":" as a map: quote it,'],
  ["trusted: 127.0.0.1", "1:10", 'trusted: must be a list, such as [a, b], not "127.0.0.1"'],
  [
    "trusted: [10.0.0.0/33]",
    "1:11",
    'trusted[0]: "10.0.0.0/33" is not a network: the prefix length',
  ],
  ["trusted: [null]", "1:11", "trusted[0]: has no value: add one, or remove the key"],
  ["trusted:", "1:1", "trusted: has no value: add one, or remove the key"],
  [
    'listen: { milter: "inet:0.0.0.0:8891" }',
    "1:19",
    "listen.milter: inet:0.0.0.0:8891 can be reac",
  ],
  ['listen: { milter: "inet:[::]:8891" }', "1:19", "listen.milter: inet:[::]:8891 can be reached"],
  [
    'listen: { milter: "inet:mail.example.org:8891" }',
    "1:19",
    'listen.milter: "inet:mail.example.org:8891"',
  ],
  [
    'listen: { milter: "inet:127.0.0.1:99999" }',
    "1:19",
    'listen.milter: "inet:127.0.0.1:99999" has a',
  ],
  [
    'listen: { milter: "tcp:127.0.0.1:1" }',
    "1:19",
    "listen.milter: must be a socket address: unix:/path/to.sock,",
  ],
  ['listen: { milter: "unix:" }', "1:19", 'listen.milter: "unix:" has no path after unix:'],
  [
    'listen: { milter: { address: "unix:/run/a", mode: 0660 } }',
    "1:51",
    "listen.milter.mode: 660 is read by YAML as another number: put",
  ],
  [
    'listen: { milter: { address: "unix:/run/a", mode: "0990" } }',
    "1:51",
    'listen.milter.mode: must be a file mode such as "0660", not',
  ],
  [
    'listen: { milter: { address: "unix:/run/a", allowRemote: [10.0.0.0/8] } }',
    "1:19",
    "listen.milter: a unix socket has no remote c",
  ],
  [
    'listen: { milter: { address: "inet:127.0.0.1:1", group: postfix } }',
    "1:19",
    "listen.milter: mode and group apply to unix sockets only: use",
  ],
  [
    'listen: { milter: { address: "inet:10.0.0.5:1", allowRemote: [] } }',
    "1:19",
    "listen.milter: inet:10.0.0.5:1 can be reache",
  ],
  [
    "listen: { exim: [7] }",
    "1:18",
    "listen.exim[0]: must be text (put quotes around a number or a",
  ],
  [
    'listen: { learn: "inet:127.0.0.1:1" }',
    "1:18",
    "listen.learn: marks are taken on a unix socket only",
  ],
  [
    'listen: { smtp: "unix:/a" }',
    "1:11",
    "unknown key in listen: smtp (known: milter, exim, learn)",
  ],
  ["state: file:/var/lib", "1:8", 'state: must be "memory:", sqlite:/path/to.db,'],
  ["state: redis:/x", "1:8", 'state: must be "memory:", sqlite:/path/to.db,'],
  [
    "dns: { servers: [ns.example.org] }",
    "1:18",
    "dns.servers[0]: must be the address of a resolver, such as",
  ],
  ["dns: { servers: [] }", "1:17", "dns.servers: this list is empty: name a serv"],
  ["dns: { timeoutMs: 1 }", "1:19", "dns.timeoutMs: must be a whole number from 50 to 8000, not 1"],
  [
    'dns: { timeoutMs: "2000" }',
    "1:19",
    "dns.timeoutMs: must be a whole number from 50 to 8000, not",
  ],
  ['dns: { probe: "a b" }', "1:15", 'dns.probe: must be a domain name, not "a b"'],
  ['authservId: "a..b"', "1:13", "authservId: must be a domain name such as example.org, not"],
  [
    'localDomains: ["exa mple.org"]',
    "1:16",
    "localDomains[0]: must be a domain name such as example.org, not",
  ],
  [
    "localDomains: example.org",
    "1:15",
    'localDomains: must be a list, such as [a, b], not "example.org"',
  ],
  ["forwarders: [{}]", "1:14", "forwarders[0]: a forwarder needs exactly one key: { client:"],
  [
    "forwarders: [{ client: 192.0.2.1, arcSealer: a.example }]",
    "1:14",
    "forwarders[0]: a forwarder needs exactly one key: { client:",
  ],
  [
    "submission: { ports: [0] }",
    "1:23",
    "submission.ports[0]: must be a whole number from 1 to 65535,",
  ],
  [
    'submission: { daemonNames: ["a b"] }',
    "1:29",
    "submission.daemonNames[0]: must be the name of a daemon, such",
  ],
  ["scores: [score.senderscore.com]", "1:10", "scores[0]: must be a map of keys and values, not"],
  [
    'lists: [{ zone: a.example, operator: a, codes: { "127.0.0.300": sbl } }]',
    "1:50",
    "lists[0].codes.127.0.0.300: must be an answer of a list, such",
  ],
  [
    'lists: [{ zone: a.example, operator: a, codes: { "127.255.255.*": sbl } }]',
    "1:50",
    'lists[0].codes.127.255.255.*: "127.255.255.*',
  ],
  [
    'lists: [{ zone: a.example, operator: a, codes: { "10.0.0.2": sbl } }]',
    "1:50",
    'lists[0].codes.10.0.0.2: "10.0.0.2" is outside 127.0.0.0/8, the',
  ],
  [
    'lists: [{ zone: a.example, operator: a, codes: { "127.0.0.2": S B } }]',
    "1:63",
    "lists[0].codes.127.0.0.2: must be a label of lower-case",
  ],
  ["lists: [{ zone: a.example, codes: {} }]", "1:9", "lists[0].operator: is missing"],
  ['user: "a b"', "1:7", 'user: must be the name of a user or group, not "a b"'],
  ["onFailure: reject", "1:12", 'onFailure: "reject" is not one of accept, tempfail'],
  ["onDnsDown: true", "1:12", "onDnsDown: true is not one of accept, tempfail"],
  [
    "limits: { connections: 0 }",
    "1:24",
    "limits.connections: must be a whole number from 1 to 10000, not",
  ],
  [
    "limits: { messageDeadlineMs: 1.5 }",
    "1:30",
    "limits.messageDeadlineMs: must be a whole number from 1000 to",
  ],
  ["__proto__: { mode: junk }", "1:1", '"__proto__" cannot be a key'],
  ["constructor: 1", "1:1", "unknown key: constructor (known: listen, state, dns,"],
  ["mode: junk\n---\nmode: observe", "2:1", "a second document begins here: a file holds only one"],
  ["mode: [junk", "1:12", "the indentation is wrong here, or a bracket"],
  ["\tmode: junk", "1:1", "YAML does not allow tabs for indentation: use spaces"],
  ["mode: !!js/function junk", "1:7", "tags (!) are not supported: write the plain value"],
  ["mode: *nowhere", "1:7", "*nowhere is not defined: there is no anchor of that name"],
  ["? [a]\n: b", "1:3", "a key must be a word, not a list, a map or an alias"],
  ["- mode", "1:1", "must be a map of keys and values, not this list"],
  ["just text", "1:1", 'must be a map of keys and values, not "just text"'],
];
for (const row of broken) {
  test(`loadConfig: refuses ${JSON.stringify(row[0])}`, () => assertRefused(row));
}
