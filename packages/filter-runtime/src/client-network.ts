export { clientNetwork, clientSite } from "@postern/smtp-filter";
