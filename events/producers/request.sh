#!/bin/sh
# Signs a change request of slb-autopilot, puts it on the queue and prints the message's id.
#
#   sh request.sh --key ci.pem --key-id ci-2026 [FILE]
#
# FILE holds the request as JSON, without a signature; without FILE it is read from standard input. In the environment:
# MNS_ENDPOINT (https://ACCOUNT.mns.REGION.aliyuncs.com), ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET
# and, with a temporary key, ALIBABA_CLOUD_SECURITY_TOKEN. Exit status: 0 it is on the queue, 1 it is not, or nobody knows.
# Running it again does no harm: the same request under the same requestId is carried out once.
#
# Needs curl 7.55, jq 1.6 and openssl 3; nothing else of slb-autopilot.
set -eu
umask 077

QUEUE=slb-autopilot-change-requests
# In Base64 the 48 KiB that a request may have are the 64 KiB that a message may have.
MESSAGE_BYTES_MAX=65536
TIMEOUT_SECONDS=10

# The canonical JSON (RFC 8785) of a request. Its names are ASCII, so that code points and UTF-16 code units sort them
# alike, and its numbers are whole. jq escapes what the RFC wants escaped, and U+007F, which stays as it is; what was no
# UTF-8, or half a surrogate pair, jq has made U+FFFD, so a text with that character is refused.
CANONICAL='
def refuse($why): "request.sh: \($why)\n" | halt_error(1);
def text:
  if explode | any(. == 65533) then refuse("a text holds U+FFFD, or something that is no Unicode")
  else "\"" + (split("\u007f") | map(tojson[1:-1]) | join("\u007f")) + "\"" end;
def canonical:
  if type == "object" then
    . as $all
    | if keys | any(explode | any(. < 32 or . > 126)) then refuse("no request has names other than ASCII") else . end
    | "{" + (keys | map((. | text) + ":" + (. as $name | $all[$name] | canonical)) | join(",")) + "}"
  elif type == "array" then "[" + (map(canonical) | join(",")) + "]"
  elif type == "string" then text
  elif type == "boolean" then tojson
  elif type == "number" and . == floor and . < 9007199254740992 and . > -9007199254740992 then
    if . == 0 then "0" else floor | tojson end
  else refuse("no request holds \(tojson)") end;
if length != 1 then refuse("it is not one JSON document") else .[0] end
| if type != "object" or .kind != "slb-autopilot/change-request" then
    refuse("it is no change request: its kind is not slb-autopilot/change-request")
  elif has("signature") then refuse("it has a signature already")
  else canonical end'

fail() {
  echo "request.sh: $1" >&2
  exit 1
}

# The 64 bytes of an HMAC key, each XORed with $1.
padded_secret() {
  count=0
  for byte in $(printf '%s' "$ALIBABA_CLOUD_ACCESS_KEY_SECRET" | od -An -v -tu1) \
    0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0; do
    [ "$count" -lt 64 ] || break
    count=$((count + 1))
    byte=$((byte ^ $1))
    printf '%b' "\\0$((byte / 64))$((byte / 8 % 8))$((byte % 8))"
  done
}

# HMAC-SHA1 of a file in Base64. By hand, since openssl takes the key on its command line alone, where all may read it.
hmac_sha1() {
  { padded_secret 54; cat "$1"; } | openssl dgst -sha1 -binary >"$tmp/inner"
  { padded_secret 92; cat "$tmp/inner"; } | openssl dgst -sha1 -binary | openssl base64 -A
}

element() {
  sed -n "s/.*<$1>\([^<]*\)<\/$1>.*/\1/p" "$tmp/answer" | head -n 1
}

key= key_id= file=
while [ $# -gt 0 ]; do
  case $1 in
    --key) key=${2-}; shift ;;
    --key-id) key_id=${2-}; shift ;;
    -*) fail "unknown option $1" ;;
    *) [ -z "$file" ] || fail 'more than one file'; file=$1 ;;
  esac
  [ $# -eq 0 ] || shift
done
[ -n "$key" ] && [ -n "$key_id" ] || fail 'usage: request.sh --key PEM --key-id ID [FILE]'
case $key_id in *[!A-Za-z0-9._-]*) fail 'the id of the key has other characters than letters, digits, ".", "_" and "-"' ;; esac
for tool in curl jq openssl od; do
  command -v "$tool" >/dev/null || fail "$tool is not installed"
done
for name in MNS_ENDPOINT ALIBABA_CLOUD_ACCESS_KEY_ID ALIBABA_CLOUD_ACCESS_KEY_SECRET; do
  eval "value=\${$name-}"
  [ -n "$value" ] || fail "$name is not set"
done
[ "${#ALIBABA_CLOUD_ACCESS_KEY_SECRET}" -le 64 ] || fail 'ALIBABA_CLOUD_ACCESS_KEY_SECRET has more than 64 characters'
case $MNS_ENDPOINT in
  http://* | https://*) endpoint=${MNS_ENDPOINT%/} ;;
  *) endpoint=https://${MNS_ENDPOINT%/} ;;
esac

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

if [ -n "$file" ]; then
  [ -r "$file" ] || fail "$file cannot be read"
  exec <"$file"
fi
jq -s -j "$CANONICAL" >"$tmp/said" || {
  # 1: it has said why.
  [ $? -eq 1 ] || fail 'the request could not be read'
  exit 1
}

openssl pkeyutl -sign -rawin -inkey "$key" -in "$tmp/said" -out "$tmp/signature" || fail "$key could not sign (openssl 3 is needed)"
[ "$(wc -c <"$tmp/signature")" -eq 64 ] || fail "$key is no Ed25519 key"
signature=$(openssl base64 -A -in "$tmp/signature")

# What is signed ends with a brace; the signature goes in front of it.
said=$(cat "$tmp/said")
message=$(printf '%s' "${said%?},\"signature\":{\"keyId\":\"$key_id\",\"value\":\"$signature\"}}" | openssl base64 -A)
[ "${#message}" -le "$MESSAGE_BYTES_MAX" ] || fail 'it is larger than 48 KiB'

# MNS's API 2015-06-06. The digest's hex text in Base64, as the vendor's own clients send it.
path=/queues/$QUEUE/messages
date=$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S GMT')
printf '%s' '<?xml version="1.0" encoding="UTF-8"?><Message xmlns="http://mns.aliyuncs.com/doc/v1/">' \
  "<MessageBody>$message</MessageBody></Message>" >"$tmp/body"
md5=$(openssl dgst -md5 -r "$tmp/body" | cut -c 1-32 | tr -d '\n' | openssl base64 -A)
printf 'POST\n%s\ntext/xml\n%s\nx-mns-version:2015-06-06\n%s' "$md5" "$date" "$path" >"$tmp/to-sign"

# From a file, since what stands on a command line all may read.
{
  echo "Authorization: MNS $ALIBABA_CLOUD_ACCESS_KEY_ID:$(hmac_sha1 "$tmp/to-sign")"
  echo "Content-MD5: $md5"
  echo 'Content-Type: text/xml'
  echo "Date: $date"
  echo 'Expect:'
  echo 'x-mns-version: 2015-06-06'
  [ -z "${ALIBABA_CLOUD_SECURITY_TOKEN-}" ] || echo "security-token: $ALIBABA_CLOUD_SECURITY_TOKEN"
} >"$tmp/headers"

status=$(curl --silent --show-error --max-time "$TIMEOUT_SECONDS" --header "@$tmp/headers" \
  --data-binary "@$tmp/body" --output "$tmp/answer" --write-out '%{http_code}' "$endpoint$path") \
  || fail 'MNS did not answer'
id=$(element MessageId)
if [ "$status" = 201 ] && [ -n "$id" ]; then
  echo "$id"
else
  code=$(element Code)
  fail "MNS answered with status $status${code:+: $code: $(element Message) (request id $(element RequestId))}"
fi
