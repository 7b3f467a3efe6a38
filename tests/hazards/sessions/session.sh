#!/bin/bash
# SPDX-License-Identifier: MIT
#
# session.sh DIRECTORY: what people do in a shell, and every way in which a program is started. Its
# output is the same each time.
cd "$1" || exit 1
export LC_ALL=C

say() { echo "== $* -> $?"; }

echo one two three | tr ' ' '\n' | sort -r | head -2; say pipeline
cat <<END | sed 's/x/y/' | awk '{ print $2 }'; say here-document
a x
END
(exit 3); say subshell
{ sleep 0 & wait $!; }; say background
diff <(printf '1\n2\n') <(printf '1\n3\n'); say process substitution
trap 'echo trapped' USR1; kill -USR1 $BASHPID; say trap
exec 5>&2 2>errors; ls /no/such/file; exec 2>&5 5>&-; cat errors; say redirection
printf 'a\nb\n' | xargs -n1 -P2 echo | sort; say xargs
mkdir -p tree/deep && echo text >tree/deep/file
find tree -type f -print0 | xargs -0 -n1 basename; say find
tar -czf tree.tar.gz tree && tar -tzf tree.tar.gz; say tar
cp -a tree copy && rm -r tree && mv copy tree && cat tree/deep/file; say files
env -i /usr/bin/env; say empty environment
perl -e 'use Socket; socket(my $s, PF_INET, SOCK_STREAM, 0) or die; print fileno($s), "\n"'
say perl
python3 -c 'import subprocess, threading
def run(): print(subprocess.run(["true"]).returncode)
thread = threading.Thread(target=run)
thread.start()
thread.join()'
say python
chroot / /bin/true; say chroot
setpriv --reuid 65534 --regid 65534 --clear-groups id -u; say setpriv
su -s /bin/sh -c 'id -un' nobody; say set-user-ID
bash -c 'ulimit -n 64; ulimit -v 200000; true'; say limits
{ exec 6<>/dev/tcp/127.0.0.1/1; } 2>/dev/null; say refused connection
timeout 5 sh -c 'exit 7'; say timeout
nice -n 5 setsid nohup true </dev/null; say nohup
