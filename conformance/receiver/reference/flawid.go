package reference

// FlawID identifies a flaw that the receiver can be given. The empty ID means no flaw.
type FlawID string

// The flaws.
const (
	RefusesAll                  FlawID = "refuses-everything"
	ComparesNothing             FlawID = "compares-nothing"
	AcceptsUnsigned             FlawID = "accepts-events-without-a-signature"
	AcceptsEmptySignature       FlawID = "treats-an-empty-signature-as-not-required"
	FailsOnMalformedSignature   FlawID = "fails-on-a-malformed-signature"
	ComparesPrefix              FlawID = "compares-only-the-beginning-of-a-signature"
	ChecksFormOnly              FlawID = "checks-only-the-form-of-a-signature"
	SignsWithEmptyKey           FlawID = "uses-an-empty-key-if-none-is-configured"
	SignsWithUndefined          FlawID = "uses-the-word-undefined-as-the-key-if-none-is-configured"
	UsesSecretAsKey             FlawID = "uses-the-encoded-secret-as-the-key"
	ContinuesAfterMismatch      FlawID = "logs-a-wrong-signature-and-continues"
	VerifiesParsedJSON          FlawID = "verifies-the-json-that-it-has-parsed"
	TrustsKnownSignatures       FlawID = "accepts-any-body-with-a-signature-that-was-valid-before"
	TakesIDFromBody             FlawID = "takes-the-id-from-the-body"
	TrustsKnownIDs              FlawID = "accepts-any-event-with-an-id-that-was-valid-before"
	FallsBackToBody             FlawID = "verifies-the-body-alone-if-the-time-is-missing"
	AcceptsOldEvents            FlawID = "accepts-old-events"
	AcceptsFutureEvents         FlawID = "accepts-events-from-the-future"
	FailsOnMalformedTime        FlawID = "fails-on-a-malformed-time"
	ToleratesNoSkew             FlawID = "tolerates-no-clock-skew"
	RefusesReplay               FlawID = "refuses-a-replay"
	AcceptsWeakerSignature      FlawID = "still-accepts-the-weaker-signature"
	VerifiesFirstOnly           FlawID = "verifies-only-the-first-of-several-signatures"
	AcceptsAnyOfSeveral         FlawID = "accepts-several-signatures-without-verifying-any"
	IgnoresVersion              FlawID = "ignores-the-version-of-a-signature"
	ReadsFirstHeaderOnly        FlawID = "reads-only-the-first-of-two-signature-headers"
	ComparesHeaderCase          FlawID = "compares-header-names-case-sensitively"
	ReadsBodyTwice              FlawID = "reads-the-body-twice"
	SenderChoosesAlgorithm      FlawID = "lets-the-sender-choose-the-algorithm"
	TrustsOfferedKey            FlawID = "trusts-a-key-that-the-request-offers"
	IgnoresQueryToken           FlawID = "ignores-the-token-in-the-query"
	AcceptsAnyQueryToken        FlawID = "accepts-any-token-in-the-query"
	AcceptsAnyTenant            FlawID = "accepts-the-secret-of-any-of-its-tenants"
	AcknowledgesBeforeTime      FlawID = "acknowledges-a-duplicate-before-it-checks-the-time"
	ComparesByCharacter         FlawID = "compares-character-by-character"
	KnowsOneSecret              FlawID = "knows-only-one-secret"
	KeepsOldSecrets             FlawID = "never-drops-an-old-secret"
	SerializesAgain             FlawID = "serializes-the-json-again-with-its-own-spacing"
	UnescapesSlashes            FlawID = "decodes-escaped-slashes-before-it-verifies"
	UnescapesUnicode            FlawID = "decodes-unicode-escapes-before-it-verifies"
	ReadsLatin1                 FlawID = "reads-bytes-as-latin-1"
	UnescapesHTML               FlawID = "decodes-html-escapes-before-it-verifies"
	RoundsNumbers               FlawID = "reads-numbers-as-floats-before-it-verifies"
	RequiresMemberOrder         FlawID = "requires-a-fixed-order-of-members"
	ComparesContentTypeText     FlawID = "compares-the-content-type-as-plain-text"
	FailsOnContentType          FlawID = "fails-on-an-unknown-content-type"
	FailsOnEmptyBody            FlawID = "fails-on-an-empty-body"
	FailsOnInvalidJSON          FlawID = "fails-on-invalid-json"
	FailsOnScalarJSON           FlawID = "fails-on-json-that-is-not-an-object"
	FailsOnInvalidUTF8          FlawID = "fails-on-bytes-that-are-not-utf-8"
	RecursesOnNesting           FlawID = "parses-nested-json-recursively-without-a-limit"
	MergesProto                 FlawID = "merges-proto"
	RoundsIDs                   FlawID = "reads-ids-as-floats"
	FailsOnByteOrderMark        FlawID = "fails-on-a-byte-order-mark"
	RequiresContentLength       FlawID = "reads-as-many-bytes-as-content-length-announces"
	RefusesExpect               FlawID = "refuses-expect-100-continue"
	ReadsFirstSegmentOnly       FlawID = "treats-the-first-segment-as-the-whole-body"
	JudgesConnectionOnce        FlawID = "verifies-a-connection-only-once"
	RefusesConnectionClose      FlawID = "refuses-connection-close"
	RedirectsSlash              FlawID = "redirects-to-the-address-without-a-slash"
	RefusesQuery                FlawID = "refuses-a-query"
	AcceptsAnyMethod            FlawID = "responds-to-any-method-with-200"
	OmitsAllow                  FlawID = "405-without-allow"
	FailsOnOptions              FlawID = "fails-on-options"
	RequiresOwnOrigin           FlawID = "requires-an-origin-of-its-own"
	LimitsHeaders               FlawID = "accepts-few-headers"
	FailsOnLongHeader           FlawID = "fails-on-a-long-header"
	RequiresBrowserAgent        FlawID = "requires-a-browsers-user-agent"
	AcceptsCompressedUnverified FlawID = "accepts-compressed-bodies-without-verifying-them"
	LimitsBody16K               FlawID = "accepts-at-most-16-kb"
	FailsOnLargeBody            FlawID = "fails-on-a-large-body"
	ReadsWithoutLimit           FlawID = "reads-bodies-without-a-limit"
	BlocksOthers                FlawID = "handles-one-request-at-a-time"
	ActsOnPartialBody           FlawID = "acts-on-a-partial-body"
	UnpacksWithoutLimit         FlawID = "decompresses-without-a-limit"
	ExpiredCertificate          FlawID = "presents-an-expired-certificate"
	WrongNameCertificate        FlawID = "for-another-name"
	UntrustedCertificate        FlawID = "from-an-unknown-authority"
	SpeaksOldTLS                FlawID = "still-supports-tls-1-0-and-1-1"
	RevealsSignature            FlawID = "reveals-the-expected-signature"
	RespondsAtLength            FlawID = "sends-a-long-response"
	BreaksIdleConnection        FlawID = "sends-half-a-response-on-a-connection-that-was-idle"
	ListensOnIPv4Only           FlawID = "listens-on-ipv4-only"
	SpeaksNoHTTP2               FlawID = "does-not-support-http-2"
	FailsOnPending              FlawID = "fails-on-a-pending-result"
	WorksBeforeResponding       FlawID = "works-before-it-responds"
	RespondsSlowly              FlawID = "responds-slowly"
	WorksInSequence             FlawID = "handles-events-one-after-the-other"
	QueriesBeforeResponding     FlawID = "queries-the-api-before-it-responds"
	RequiresSubject             FlawID = "requires-a-subject-in-every-event"
	LosesAcknowledged           FlawID = "acknowledges-more-events-than-it-can-queue"
	OmitsRetryAfter             FlawID = "throttles-without-retry-after"
	RepeatsEffects              FlawID = "does-not-detect-duplicates"
	DeduplicatesBySignature     FlawID = "detects-duplicates-by-their-signature"
	RespondsConflict            FlawID = "responds-to-a-duplicate-with-409"
	ChecksThenRecords           FlawID = "checks-for-duplicates-before-it-records-the-event"
	RecordsAfterResponse        FlawID = "records-the-event-after-the-response"
	DropsFailedWork             FlawID = "drops-events-whose-processing-failed"
	RefusesSameContent          FlawID = "refuses-events-with-the-same-content-as-before"
	ForgetsOnRestart            FlawID = "keeps-seen-ids-in-memory-only"
	ReplacesSameID              FlawID = "lets-a-second-event-with-the-same-id-replace-the-first"
	LastEventWins               FlawID = "lets-the-last-event-win"
	PendingWins                 FlawID = "lets-a-pending-event-win"
	FirstDecisionWins           FlawID = "keeps-the-first-decision"
	OverwritesWebhook           FlawID = "overwrites-the-webhooks-result-with-the-apis-response"
	FailsOnUnknownSubject       FlawID = "fails-on-an-unknown-subject"
	MixesSubjects               FlawID = "keeps-state-of-one-subject-at-a-time"
	LaterTieWins                FlawID = "lets-the-later-one-of-two-simultaneous-events-win"
	RefusesUnknownMembers       FlawID = "refuses-unknown-members"
	ReadsDecisionOfAnyType      FlawID = "reads-the-decision-of-every-event"
	TreatsAllAsVerification     FlawID = "treats-every-event-as-a-verification-result"
	MatchesStatusPrefix         FlawID = "matches-only-the-beginning-of-a-status"
	FailsOnMissingMember        FlawID = "fails-on-a-missing-member"
	AcceptsIncomplete           FlawID = "accepts-incomplete-events-silently"
	FailsOnUnknownVersion       FlawID = "fails-on-an-unknown-version"
	ReadsDecisionFromEvent      FlawID = "takes-the-decision-from-the-event-alone"
	GrantsPending               FlawID = "treats-pending-as-approved"
	IgnoresFinal                FlawID = "ignores-the-final-flag"
	GrantsReview                FlawID = "treats-a-review-as-approved"
	GrantsRejected              FlawID = "treats-a-rejection-as-approved"
	IgnoresFace                 FlawID = "ignores-the-face-match"
	IgnoresScore                FlawID = "ignores-the-score-of-the-face-match"
	IgnoresMonitoring           FlawID = "ignores-monitoring-events"
	IgnoresReversals            FlawID = "ignores-reversals"
	IgnoresEnvironment          FlawID = "ignores-the-environment"
	TrustsWebhookOverAPI        FlawID = "trusts-the-webhook-more-than-the-api"
	GrantsExpired               FlawID = "treats-an-expiry-as-approved"
	EchoesEvent                 FlawID = "echoes-the-event"
	AcceptsJSONTypeOnly         FlawID = "accepts-application-json-only"
	IgnoresOptions              FlawID = "does-not-answer-options"
	PermitsAnyOrigin            FlawID = "permits-any-origin"
	OmitsChallenge              FlawID = "does-not-return-the-challenge"
	ConfirmsAnyTopic            FlawID = "confirms-any-topic"
	OmitsToken                  FlawID = "does-not-return-the-token"
	IgnoresOwner                FlawID = "does-not-check-who-the-verification-belongs-to"
	RevealsStackTrace           FlawID = "reveals-a-stack-trace"
	FailsOnNull                 FlawID = "fails-on-null"
	RefusesUnknownEvents        FlawID = "refuses-unknown-events"
	TrustsConnection            FlawID = "authenticates-a-connection-once"
	TrustsForwardedFor          FlawID = "trusts-x-forwarded-for"
	TrustsDebugHeader           FlawID = "trusts-a-debug-header"
	TrustsVerifiedHeader        FlawID = "trusts-a-header-that-says-verified"
	RecordsBeforeVerifying      FlawID = "records-the-id-of-an-event-before-it-verifies-it"
	ForgetsAfterSeconds         FlawID = "remembers-an-event-for-seconds-only"
	RemembersFew                FlawID = "remembers-a-fixed-number-of-events"
	IgnoresIDCase               FlawID = "ignores-the-case-of-an-id"
	CutsID32                    FlawID = "cuts-an-id-after-32-characters"
	CutsID64                    FlawID = "cuts-an-id-after-64-characters"
	ForgetsEarlyRevocation      FlawID = "forgets-a-revocation-of-an-unknown-person"
	NeverForgetsRevocation      FlawID = "never-forgets-a-revocation"
	DeduplicatesByContent       FlawID = "takes-a-second-approval-for-a-repetition"
	ReadsScoreOnly              FlawID = "reads-the-score-and-not-the-match"
	SearchesStatus              FlawID = "searches-a-status-for-the-word-approved"
	KnowsOneEnvironment         FlawID = "knows-only-one-of-the-environments-to-ignore"
	GrantsIfAPIFails            FlawID = "grants-access-when-the-api-cannot-confirm-it"
	WaitsInSequence             FlawID = "waits-for-one-persons-api-response"
	CutsNames                   FlawID = "cuts-names"
	StripsMarkup                FlawID = "removes-markup-from-names"
	DropsCombiningMarks         FlawID = "drops-combining-marks"
	LosesQueueOnRestart         FlawID = "keeps-acknowledged-events-in-memory-only"
	IgnoresUnknownEvents        FlawID = "never-answers-an-unknown-event"
	GrantsIncomplete            FlawID = "grants-access-on-an-incomplete-event"
	ActsOnAnyMethod             FlawID = "acts-on-any-method"
	MistakesTimeZone            FlawID = "takes-a-time-of-another-time-zone"
	WaitsForEvents              FlawID = "waits-for-the-event-for-ever"
)

// Text describes the flaw after "it …", in the words of the check's cause.
func (f FlawID) Text() string { return texts[f] }

var texts = map[FlawID]string{
	RefusesAll:                  "refuses everything",
	ComparesNothing:             "compares nothing",
	AcceptsUnsigned:             "accepts events without a signature",
	AcceptsEmptySignature:       "treats an empty signature as not required",
	FailsOnMalformedSignature:   "fails on a malformed signature",
	ComparesPrefix:              "compares only the beginning of a signature",
	ChecksFormOnly:              "checks only the form of a signature",
	SignsWithEmptyKey:           "uses an empty key if none is configured",
	SignsWithUndefined:          "uses the word undefined as the key if none is configured",
	UsesSecretAsKey:             "uses the encoded secret as the key",
	ContinuesAfterMismatch:      "logs a wrong signature and continues",
	VerifiesParsedJSON:          "verifies the JSON that it has parsed",
	TrustsKnownSignatures:       "accepts any body with a signature that was valid before",
	TakesIDFromBody:             "takes the id from the body",
	TrustsKnownIDs:              "accepts any event with an id that was valid before",
	FallsBackToBody:             "verifies the body alone if the time is missing",
	AcceptsOldEvents:            "accepts old events",
	AcceptsFutureEvents:         "accepts events from the future",
	FailsOnMalformedTime:        "fails on a malformed time",
	ToleratesNoSkew:             "tolerates no clock skew",
	RefusesReplay:               "refuses a replay",
	AcceptsWeakerSignature:      "still accepts the weaker signature",
	VerifiesFirstOnly:           "verifies only the first of several signatures",
	AcceptsAnyOfSeveral:         "accepts several signatures without verifying any",
	IgnoresVersion:              "ignores the version of a signature",
	ReadsFirstHeaderOnly:        "reads only the first of two signature headers",
	ComparesHeaderCase:          "compares header names case-sensitively",
	ReadsBodyTwice:              "reads the body twice",
	SenderChoosesAlgorithm:      "lets the sender choose the algorithm",
	TrustsOfferedKey:            "trusts a key that the request offers",
	IgnoresQueryToken:           "ignores the token in the query",
	AcceptsAnyQueryToken:        "accepts any token in the query",
	AcceptsAnyTenant:            "accepts the secret of any of its tenants",
	AcknowledgesBeforeTime:      "acknowledges a duplicate before it checks the time",
	ComparesByCharacter:         "compares character by character",
	KnowsOneSecret:              "knows only one secret",
	KeepsOldSecrets:             "never drops an old secret",
	SerializesAgain:             "serializes the JSON again, with its own spacing",
	UnescapesSlashes:            "decodes escaped slashes before it verifies",
	UnescapesUnicode:            "decodes Unicode escapes before it verifies",
	ReadsLatin1:                 "reads bytes as Latin-1",
	UnescapesHTML:               "decodes HTML escapes before it verifies",
	RoundsNumbers:               "reads numbers as floats before it verifies",
	RequiresMemberOrder:         "requires a fixed order of members",
	ComparesContentTypeText:     "compares the Content-Type as plain text",
	FailsOnContentType:          "fails on an unknown Content-Type",
	FailsOnEmptyBody:            "fails on an empty body",
	FailsOnInvalidJSON:          "fails on invalid JSON",
	FailsOnScalarJSON:           "fails on JSON that is not an object",
	FailsOnInvalidUTF8:          "fails on bytes that are not UTF-8",
	RecursesOnNesting:           "parses nested JSON recursively without a limit",
	MergesProto:                 "merges __proto__",
	RoundsIDs:                   "reads ids as floats",
	FailsOnByteOrderMark:        "fails on a byte order mark",
	RequiresContentLength:       "reads as many bytes as Content-Length announces",
	RefusesExpect:               "refuses Expect: 100-continue",
	ReadsFirstSegmentOnly:       "treats the first segment as the whole body",
	JudgesConnectionOnce:        "verifies a connection only once",
	RefusesConnectionClose:      "refuses Connection: close",
	RedirectsSlash:              "redirects to the address without a slash",
	RefusesQuery:                "refuses a query",
	AcceptsAnyMethod:            "responds to any method with 200",
	OmitsAllow:                  "405 without Allow",
	FailsOnOptions:              "fails on OPTIONS",
	RequiresOwnOrigin:           "requires an Origin of its own",
	LimitsHeaders:               "accepts few headers",
	FailsOnLongHeader:           "fails on a long header",
	RequiresBrowserAgent:        "requires a browser's User-Agent",
	AcceptsCompressedUnverified: "accepts compressed bodies without verifying them",
	LimitsBody16K:               "accepts at most 16 kB",
	FailsOnLargeBody:            "fails on a large body",
	ReadsWithoutLimit:           "reads bodies without a limit",
	BlocksOthers:                "handles one request at a time",
	ActsOnPartialBody:           "acts on a partial body",
	UnpacksWithoutLimit:         "decompresses without a limit",
	ExpiredCertificate:          "presents an expired certificate",
	WrongNameCertificate:        "for another name",
	UntrustedCertificate:        "from an unknown authority",
	SpeaksOldTLS:                "still supports TLS 1.0 and 1.1",
	RevealsSignature:            "reveals the expected signature",
	RespondsAtLength:            "sends a long response",
	BreaksIdleConnection:        "sends half a response on a connection that was idle",
	ListensOnIPv4Only:           "listens on IPv4 only",
	SpeaksNoHTTP2:               "does not support HTTP/2",
	FailsOnPending:              "fails on a pending result",
	WorksBeforeResponding:       "works before it responds",
	RespondsSlowly:              "responds slowly",
	WorksInSequence:             "handles events one after the other",
	QueriesBeforeResponding:     "queries the API before it responds",
	RequiresSubject:             "requires a subject in every event",
	LosesAcknowledged:           "acknowledges more events than it can queue",
	OmitsRetryAfter:             "throttles without Retry-After",
	RepeatsEffects:              "does not detect duplicates",
	DeduplicatesBySignature:     "detects duplicates by their signature",
	RespondsConflict:            "responds to a duplicate with 409",
	ChecksThenRecords:           "checks for duplicates before it records the event",
	RecordsAfterResponse:        "records the event after the response",
	DropsFailedWork:             "drops events whose processing failed",
	RefusesSameContent:          "refuses events with the same content as before",
	ForgetsOnRestart:            "keeps seen ids in memory only",
	ReplacesSameID:              "lets a second event with the same id replace the first",
	LastEventWins:               "lets the last event win",
	PendingWins:                 "lets a pending event win",
	FirstDecisionWins:           "keeps the first decision",
	OverwritesWebhook:           "overwrites the webhook's result with the API's response",
	FailsOnUnknownSubject:       "fails on an unknown subject",
	MixesSubjects:               "keeps state of one subject at a time",
	LaterTieWins:                "lets the later one of two simultaneous events win",
	RefusesUnknownMembers:       "refuses unknown members",
	ReadsDecisionOfAnyType:      "reads the decision of every event, whatever its type",
	TreatsAllAsVerification:     "treats every event as a verification result",
	MatchesStatusPrefix:         "matches only the beginning of a status",
	FailsOnMissingMember:        "fails on a missing member",
	AcceptsIncomplete:           "accepts incomplete events silently",
	FailsOnUnknownVersion:       "fails on an unknown version",
	ReadsDecisionFromEvent:      "takes the decision from the event alone",
	GrantsPending:               "treats pending as approved",
	IgnoresFinal:                "ignores the final flag",
	GrantsReview:                "treats a review as approved",
	GrantsRejected:              "treats a rejection as approved",
	IgnoresFace:                 "ignores the face match",
	IgnoresScore:                "ignores the score of the face match",
	IgnoresMonitoring:           "ignores monitoring events",
	IgnoresReversals:            "ignores reversals",
	IgnoresEnvironment:          "ignores the environment",
	TrustsWebhookOverAPI:        "trusts the webhook more than the API",
	GrantsExpired:               "treats an expiry as approved",
	EchoesEvent:                 "echoes the event",
	AcceptsJSONTypeOnly:         "accepts application/json only",
	IgnoresOptions:              "does not answer OPTIONS",
	PermitsAnyOrigin:            "permits any origin",
	OmitsChallenge:              "does not return the challenge",
	ConfirmsAnyTopic:            "confirms any topic",
	OmitsToken:                  "does not return the token",
	IgnoresOwner:                "does not check who the verification belongs to",
	RevealsStackTrace:           "reveals a stack trace",
	FailsOnNull:                 "fails on null",
	RefusesUnknownEvents:        "refuses unknown events",
	TrustsConnection:            "authenticates a connection once",
	TrustsForwardedFor:          "trusts X-Forwarded-For",
	TrustsDebugHeader:           "trusts a debug header",
	TrustsVerifiedHeader:        "trusts a header that says verified",
	RecordsBeforeVerifying:      "records the id of an event before it verifies it",
	ForgetsAfterSeconds:         "remembers an event for seconds only",
	RemembersFew:                "remembers a fixed number of events",
	IgnoresIDCase:               "ignores the case of an id",
	CutsID32:                    "cuts it after 32",
	CutsID64:                    "or 64 characters",
	ForgetsEarlyRevocation:      "forgets a revocation of an unknown person",
	NeverForgetsRevocation:      "never forgets a revocation",
	DeduplicatesByContent:       "takes a second approval for a repetition",
	ReadsScoreOnly:              "reads the score and not the match",
	SearchesStatus:              "searches a status for the word approved",
	KnowsOneEnvironment:         "knows only one of the environments to ignore",
	GrantsIfAPIFails:            "grants access when the API cannot confirm it",
	WaitsInSequence:             "waits for one person's API response",
	CutsNames:                   "cuts",
	StripsMarkup:                "removes markup",
	DropsCombiningMarks:         "drops combining marks",
	LosesQueueOnRestart:         "keeps acknowledged events in memory only",
	IgnoresUnknownEvents:        "never answers",
	GrantsIncomplete:            "or grants access on one",
	ActsOnAnyMethod:             "acts on any method",
	MistakesTimeZone:            "takes a time of another time zone",
	WaitsForEvents:              "waits for the event for ever",
}
