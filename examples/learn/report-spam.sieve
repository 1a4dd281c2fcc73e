# What a user moves or copies into Junk is spam. Run by Dovecot's IMAP; 99-postern.conf names it.
require ["vnd.dovecot.pipe", "copy", "imapsieve"];
pipe :copy :try "postern-mark" ["spam"];
