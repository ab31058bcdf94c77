# CONTRIBUTING.md describes the targets.
.PHONY: test short security lint generate docs bench notices measures flaws corpus soak

# Packages whose tests take -update to rewrite golden files and generated tables.
updatable = $(shell grep -rl --include='*_test.go' '"update"' . | xargs -n1 dirname | sort -u)

test:
	bash .ci/test

short:
	go test -short ./...

# Every promise of docs/security.md has a test in this group.
security:
	go test -run TestSecurity ./...

lint:
	test -z "$$(gofmt -l .)"
	go vet ./...
	.ci/lint

generate: notices
	go test $(updatable) -update

docs:
	go test ./cmd/idmock -run '^(TestTables|TestScenarioTables)$$' -update
	go test ./mockserver/webhook/fault -run '^TestReadme$$' -update
	go test ./scenarios -run '^(TestSchemaIsCurrent|TestReferenceIsCurrent)$$' -update
	go test ./openapi/settings -run '^TestSchemaIsCurrent$$' -update

bench:
	go run ./mockserver/benchmarks/outside -peers "$(PEERS)" docs/performance.md

# Some minutes; needs npm for the documents.
corpus:
	go run -C mockserver/benchmarks/corpus . $(CURDIR)/docs/corpus.md

# Ten minutes; a job of CI runs one minute of it. POSTGRES is the URL of a database that may be emptied.
soak:
	go run ./mockserver/benchmarks/soak -length 10m -postgres "$(POSTGRES)"

notices:
	go run ./internal/notices

measures:
	@go test ./internal/archtest -run '^TestMeasures$$' -count=1 -v

# The whole catalogue for every flaw, scheme, sample and seed; CI runs a brief form of it.
flaws:
	FLAWS=all go test -run 'Test(Flaws|FlawsInCore|Reference|Seeds|Samples|UnrelatedFailures|VerdictsOfSeeds)' -timeout 60m ./conformance/receiver
