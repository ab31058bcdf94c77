package multicall

// checks returns the checks by name.
func checks() map[string]check {
	return map[string]check{
		"own-run":       ownRun,
		"others-run":    othersRun,
		"others-hook":   othersHook,
		"isolation":     isolation,
		"unknown-event": unknownEvent,

		"rejected":            rejected,
		"https-only":          httpsOnly,
		"never-called":        neverCalled,
		"unchanged":           unchanged,
		"error-shape":         errorShape,
		"redirect-to-private": redirectToPrivate,

		"duplicate-url":   duplicateURL,
		"removed-webhook": removedWebhook,
		"secret-once":     secretOnce,
		"secret-strength": secretStrength,

		"delivered":    delivered(method),
		"content-type": delivered(contentType),
		"payload":      delivered(payload),
		"signature":    signature,
		"redirect":     redirect,
		"timeout":      timeout,
		"timestamp":    timestamp,
		"occurred-at":  occurredAt,
		"test-mode":    testMode,

		"retry-schedule":         failing(retrySchedule),
		"last-attempt":           failing(lastAttempt),
		"retry-id":               failing(retryID),
		"jitter":                 failing(jitter),
		"no-retry-after-success": noRetryAfterSuccess,
		"gone":                   gone,
		"retry-after":            retryAfter,
		"resend":                 resend,
	}
}
