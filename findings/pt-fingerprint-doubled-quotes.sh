#!/usr/bin/env bash
# pt-query-digest splits one statement into several groups when a value holds a doubled
# quote.
#
# SQL writes a quote within a text as two: 'it''s'. percona-toolkit takes that for two
# texts and writes `??`, so that the same statement with 'its' is another group, and a
# text with two such quotes a third one. Statements that users fill with names (O''Neil)
# are spread over groups, each with a part of their time. A quote behind a backslash is
# one text, as it should be. Who compares another reader of slow query logs with
# pt-query-digest has to know of it.
#
# Seen with Debian's percona-toolkit 3.2.1-1 (Perl 5.36). Exit code 0: still so. 1: the
# behaviour changed.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
apt-get download -qq percona-toolkit=3.2.1-1 2>/dev/null
dpkg -x percona-toolkit_*.deb root
group() { perl root/usr/bin/pt-fingerprint --query "select * from members where name = $1"; }
perl root/usr/bin/pt-fingerprint --version
for text in "'its'" "'it''s'" "'it''s Ann''s'" "'it\\'s'"; do
  printf '%-18s %s\n' "$text" "$(group "$text")"
done
[[ $(group "'its'") == *"= ?" && $(group "'it''s'") == *"= ??" && $(group "'it''s Ann''s'") == *"= ???" ]]
