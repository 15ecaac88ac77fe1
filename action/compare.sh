#!/usr/bin/env bash
# Compares the runs that BEFORE and AFTER name, writes everything into OUTPUT and the
# comparison into the step summary, and sets the output `verdict`: passed, failed (a gate
# was crossed) or error. Ends with 0 in each case, so that the comment can still be written.
set -euo pipefail

arguments=(--before "$BEFORE" --after "$AFTER" --window "${WINDOW:-plateau}" --static
  --comment-key "${COMMENT_KEY:-diff}" --output "$OUTPUT")
[[ ! ${IMAGE_BASE_URL:-} ]] || arguments+=(--image-base-url "$IMAGE_BASE_URL")
while IFS= read -r gate; do
  gate=$(tr -d '\r' <<<"$gate")
  [[ ! $gate ]] || arguments+=(--fail-on "$gate")
done <<<"${FAIL_ON:-}"

mkdir -p "$OUTPUT"
status=0
spikeflame diff "${arguments[@]}" 2>"$OUTPUT/messages.txt" || status=$?
cat "$OUTPUT/messages.txt" >&2
case $status in
  0) verdict=passed ;;
  1) verdict=failed ;;
  *) verdict=error ;;
esac

if [[ $verdict == error ]]; then
  {
    echo "<!-- spikeflame:${COMMENT_KEY:-diff} -->"
    echo
    echo 'The runs could not be compared:'
    echo
    # An indented block: nothing in a message is markup.
    sed 's/^/    /' "$OUTPUT/messages.txt"
  } >"$OUTPUT/diff.md"
else
  # The page is an extra: without it the comparison still stands. Like the comparison, it takes the plateaus where
  # all runs have one; a window that is named there would have to be in each run.
  mapfile -t runs < <(compgen -G "$AFTER")
  while IFS= read -r run; do runs+=(--before "$run"); done < <(compgen -G "$BEFORE")
  [[ ${WINDOW:-plateau} == plateau ]] || runs+=(--window "$WINDOW")
  spikeflame report "${runs[@]}" --output "$OUTPUT/report.html" --quiet ||
    echo '::warning::the report page could not be written'
fi
cat "$OUTPUT/diff.md" >>"$GITHUB_STEP_SUMMARY"
echo "verdict=$verdict" >>"$GITHUB_OUTPUT"
