// Package identitypass is the folder that describes Identitypass, the first generation (2021 to 2023) of today's
// Prembly: checks of people, companies, documents and faces over /api/v1 and /api/v2 paths, and the PORTAL and CHECKOUT
// webhooks. README.md says where each fact comes from and which of them are guesses.
//
// It holds data only. Package openapi reads it.
package identitypass

import "embed"

// Folder is openapi.yaml, provider.yaml, the event templates, the scenarios and the stand-in for kyc.js.
//
//go:embed openapi.yaml provider.yaml events sdk scenarios
var Folder embed.FS
