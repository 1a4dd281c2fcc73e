# What a user moves out of Junk is ham, unless it goes to the trash, or from one Junk to another.
require ["vnd.dovecot.pipe", "copy", "imapsieve", "environment", "variables"];
if environment :is "imap.mailbox" ["Trash", "Deleted Items", "Deleted Messages", "Junk"] { stop; }
if environment :matches "imap.user" "*" { set "user" "${1}"; }
pipe :copy :try "postern-mark" ["ham", "${user}"];
