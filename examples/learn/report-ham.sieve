# What a user moves out of Junk is ham, unless it goes to the trash, or from one Junk to another.
require ["vnd.dovecot.pipe", "copy", "imapsieve", "environment"];
if environment :is "imap.mailbox" ["Trash", "Deleted Items", "Deleted Messages", "Junk"] { stop; }
pipe :copy :try "postern-mark" ["ham"];
