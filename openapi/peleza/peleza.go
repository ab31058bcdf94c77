// Package peleza is the folder that describes Peleza, Kenya: checks of people, companies, documents and faces, after the
// pattern of an older product of the same family, and the webhooks of the API and of the SDK. README.md says where each
// fact comes from and which of them are guesses.
//
// It holds data only. Package openapi reads it.
package peleza

import "embed"

// Folder is openapi.yaml, provider.yaml, the event templates and the scenarios.
//
//go:embed openapi.yaml provider.yaml events scenarios
var Folder embed.FS
