#!/bin/sh
# Stands in for the command line of a language model: `sh stand-in.sh FOLDER BEHAVIOUR`. It counts its starts in FOLDER/starts
# and keeps what it read in FOLDER/request-N.json.
folder=$1
printf 'x' >>"$folder/starts"
number=$(wc -c <"$folder/starts" | tr -d ' ')
case $2 in
    deaf) exec cat "$folder/answer.json" ;;
esac
cat >"$folder/request-$number.json"
case $2 in
    answer) exec cat "$folder/answer.json" ;;
    fenced) printf 'Here are the texts:\n\n```json\n%s\n```\n' "$(cat "$folder/answer.json")" ;;
    garbage) printf 'I am sorry, I cannot do that.\n' ;;
    bytes) printf '\377\376' ;;
    twice) cat "$folder/answer.json" "$folder/answer.json" ;;
    huge) exec head -c 30000000 /dev/zero ;;
    silent) exec tail -f /dev/null ;;
    family) tail -f /dev/null & echo $! >"$folder/child"; exec tail -f /dev/null ;;
    orphan) tail -f /dev/null & echo $! >"$folder/child"; exec cat "$folder/answer.json" ;;
    failure) printf 'the key is not valid\033[31m\n' >&2; exit 7 ;;
    noise) head -c 3000000 /dev/zero | tr '\0' 'n' >&2; printf '\nlast words\n' >&2; exit 1 ;;
    second) [ "$number" -eq 1 ] && exec cat "$folder/answer.json"; printf 'no quota\n' >&2; exit 1 ;;
esac
