# What a user moves or copies into Junk is spam. Run by Dovecot's IMAP; 99-postern.conf names it.
require ["vnd.dovecot.pipe", "copy", "imapsieve", "environment", "variables"];
if environment :matches "imap.user" "*" { set "user" "${1}"; }
pipe :copy :try "postern-mark" ["spam", "${user}"];
