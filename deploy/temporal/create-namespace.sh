#!/bin/sh
# Creates the namespace and the search attributes of Huiying. A second run changes nothing but the retention.
#
# Needs: TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, which the temporal command reads by itself.
set -eu

: "${TEMPORAL_ADDRESS:?}" "${TEMPORAL_NAMESPACE:?}"
# How long a closed run stays in Temporal. The ledger keeps everything; this is for looking back.
RETENTION=${TEMPORAL_RETENTION:-2160h}

# $1 what is waited for, then the command that succeeds when it is there; gives up after two minutes.
wait_for() {
    what=$1
    shift
    attempts=0
    until "$@" >/dev/null 2>&1; do
        attempts=$((attempts + 1))
        if [ "$attempts" -ge 60 ]; then
            echo "gave up waiting for $what; its last answer:" >&2
            "$@"
            exit 1
        fi
        sleep 2
    done
}

has_attribute() {
    temporal operator search-attribute list | grep -Eq "^ *$1 +$2 *\$"
}

# $1 name, $2 type. The type of an attribute that exists cannot be changed: a different one is an error.
create_attribute() {
    has_attribute "$1" "$2" || temporal operator search-attribute create --name "$1" --type "$2"
    wait_for "search attribute $1" has_attribute "$1" "$2"
}

wait_for "Temporal at $TEMPORAL_ADDRESS" temporal operator cluster health

# Commands about a namespace take its name as an option only, not from the environment.
if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
    temporal operator namespace update --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
else
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
fi
# The server answers from a cache that learns of a new namespace some seconds later.
wait_for "namespace $TEMPORAL_NAMESPACE" temporal operator search-attribute list

create_attribute IncidentLevel Keyword
create_attribute IncidentPhase Keyword
create_attribute LeadUnit Keyword
create_attribute NextDueAt Datetime
create_attribute Overdue Bool
create_attribute WaitingFor KeywordList
create_attribute NeedsAttention Bool
create_attribute Drill Bool
echo 'namespace and search attributes are there'
