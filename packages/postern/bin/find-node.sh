# Sourced by bin/postern and scripts/run: find_node FOLDER sets $node to a Node that is new enough. The one that npm
# brought lies in a node_modules at FOLDER or above it; else the one on PATH is taken.

is_new_enough() {
  version=$("$1" --version 2>/dev/null) || return 1
  version=${version#v}
  major=${version%%.*} minor=${version#*.}
  minor=${minor%%.*}
  case $major.$minor in .* | *. | *[!0-9.]*) return 1 ;; esac
  [ "$major" -gt 24 ] || { [ "$major" -eq 24 ] && [ "$minor" -ge 11 ]; }
}

find_node() {
  folder=$1
  while :; do
    for node in "$folder"/node_modules/node-linux-*/bin/node; do
      # It is tried: on a machine without glibc it lies there, too, and does not run.
      if [ -x "$node" ] && is_new_enough "$node"; then return; fi
    done
    [ -n "$folder" ] || break
    folder=${folder%/*}
  done
  needs="Postern needs 24.11 or newer: run npm ci, which brings it, or install Node 24"
  node=$(command -v node) || {
    echo "postern: no Node found: $needs" >&2
    exit 69
  }
  is_new_enough "$node" || {
    echo "postern: $node is Node ${version:-of unknown version}: $needs" >&2
    exit 69
  }
}
