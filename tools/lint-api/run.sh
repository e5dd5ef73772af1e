#!/usr/bin/env bash
# Reads the OpenAPI documents of all three services with Redocly and Spectral, in 3.1 and in 3.0, and compiles the clients that
# openapi-typescript and oapi-codegen make of them. Needs bin/, npm and curl, and the registries of npm and Go.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
work=$(mktemp -d)
trap '"$root/bin/foliocast" down --state "$work/state" >/dev/null; rm -rf "$work"' EXIT
port=${PORT:-21500}
bin/foliocast up --detach --np 0 --state "$work/state" --port-base "$port" >/dev/null
cp tools/lint-api/package.json "$work"
npm install --prefix "$work" --no-audit --no-fund --silent
printf 'extends: ["spectral:oas"]\n' >"$work/spectral.yaml"
export PATH="$work/node_modules/.bin:$PATH" REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
for service in authsvc:0 queue:1 frontend:2; do
	name=${service%:*}
	for version in "" -3.0; do
		document="$work/$name$version.json"
		curl -fsS "http://127.0.0.1:$((port + ${service#*:}))/openapi$version.json" -o "$document"
		redocly lint "$document" --format=summary
		spectral lint "$document" -r "$work/spectral.yaml" --fail-severity=hint
	done
	openapi-typescript "$work/$name.json" -o "$work/$name.ts"
	tsc --strict --noEmit --skipLibCheck "$work/$name.ts"
	mkdir -p "$work/go/$name"
	go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -generate types,client -package "$name" -o "$work/go/$name/client.go" "$work/$name-3.0.json"
done
cd "$work/go"
go mod init clients 2>/dev/null
GOFLAGS=-mod=mod go build ./...
echo "lint-api: all documents are clean, and the clients compile"
