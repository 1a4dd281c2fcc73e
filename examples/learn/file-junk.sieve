# Mail that Postern let in as junk goes to Junk. Run before the users' own scripts, at delivery.
require ["fileinto", "mailbox"];
if header :is "X-Spam-Flag" "YES" { fileinto :create "Junk"; stop; }
