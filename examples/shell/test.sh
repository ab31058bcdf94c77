#!/usr/bin/env bash
# A check is pending, is confirmed thirty seconds later, and the webhook arrives after one failure.
set -euo pipefail

idmock=${IDMOCK:-http://127.0.0.1:8080}
key=shell-$$-$RANDOM # the key is the account, so that tests never share state
verify=$idmock/identitypass/api/v2/biometrics/merchant/data/verification

# The helpers that every test needs: control PATH BODY, provider PATH BODY, and a comparison.
control() { curl -fsS "$idmock/_idmock/v1/$1?account=$key" -d "$2"; }
provider() { curl -fsS "$verify/$1" -H "x-api-key: $key" -H 'content-type: application/json' -d "$2"; }
expect() { [[ $2 == *"$1"* ]] || { echo "FAIL: no $1 in $2" >&2; exit 1; }; }

control clock '{"frozen":true}' >/dev/null
control endpoints '{"provider":"identitypass","url":"'"$idmock"'/_idmock/v1/receiver/'"$key"'"}' >/dev/null
control faults '{"fault":"missing-signature","times":1}' >/dev/null

expect '"response_code":"02"' "$(provider bvn '{"number":"22222222222"}')"
control clock/advance '{"by":"30s"}' >/dev/null
deliveries=$(curl -fsS "$idmock/_idmock/v1/deliveries?account=$key")
expect '"event":"verification.completed"' "$deliveries"
expect '"status":"delivered"' "$deliveries"
expect '"fault":["missing-signature"]' "$deliveries"
echo "passed"
