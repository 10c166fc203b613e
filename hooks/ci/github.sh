# Which commits are new is told by the event. A pull request is checked out as its merge with the branch
# that it goes to (HEAD^1), which is newer than what the event itself remembers of that branch.
set -u
known() { git rev-parse --quiet --verify "$1^{commit}" >/dev/null 2>&1; }
base=
case ${GITHUB_EVENT_NAME:-} in
  pull_request*)
    if known HEAD^2; then base=HEAD^1; else base=origin/${GITHUB_BASE_REF:-main}...; fi ;;
  *)
    # An earlier tip, or zeros for a new branch.
    case ${OPS_MIGRATE_BASE:-} in '' | *[!0]*) base=${OPS_MIGRATE_BASE:-} ;; esac ;;
esac
case $base in
  '') set -- check --tree HEAD "$@" ;;
  *...) set -- check --range "${base}HEAD" "$@" ;;
  *) set -- check --range "$base..HEAD" "$@" ;;
esac
case $base in HEAD^1 | '') ;; *)
  if ! known "${base%...}"; then
    echo "::error::cargo ops-migrate: ${base%...} is not in this checkout; give actions/checkout fetch-depth: 0"
    exit 2
  fi ;;
esac
code=0
cargo-ops-migrate ops-migrate "$@" --format github || code=$?
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  {
    case $code in
      0) echo "### cargo ops-migrate: models and revisions agree" ;;
      1) echo "### cargo ops-migrate: models without a revision" ;;
      *) echo "### cargo ops-migrate: could not check" ;;
    esac
    if [ "$code" != 0 ]; then
      echo '```text'
      cargo-ops-migrate ops-migrate "$@" 2>&1 || :
      echo '```'
    fi
  } >>"$GITHUB_STEP_SUMMARY"
fi
exit "$code"
