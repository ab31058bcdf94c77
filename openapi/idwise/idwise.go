// Package idwise is the folder that describes IDWise: journeys that verify a person step by step, AML checks, and
// webhooks that report an event without personal data. README.md says where each fact comes from and which of them are
// guesses.
//
// It holds data only. Package openapi reads it.
package idwise

import "embed"

// Folder is openapi.yaml, provider.yaml, the event templates and the scenarios.
//
//go:embed openapi.yaml provider.yaml events sdk scenarios
var Folder embed.FS
