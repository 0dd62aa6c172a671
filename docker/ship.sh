#!/bin/bash
# Sends what nginx writes, about one request a second; a batch that is not taken is tried again until it is.
file=/var/log/viascope/access.log
until [ -e "$file" ]; do sleep 1; done
tail -n 0 -F "$file" | while IFS= read -r lines; do
  for ((n = 1; n < 1000; n++)); do
    IFS= read -r -t 1 line || break
    lines+=$'\n'$line
  done
  until printf '%s\n' "$lines" | curl --fail --silent --show-error \
    --header "Authorization: Bearer $INGEST_TOKEN" --data-binary @- "$INGEST_URL" > /dev/null; do
    sleep 2
  done
done
