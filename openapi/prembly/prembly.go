// Package prembly is the folder that describes Prembly, 2023 to today: checks of people, companies, documents and faces
// over four generations of paths, AML screening, sessions of the widget, and the webhooks of the API and of the SDK.
// README.md says where each fact comes from and which of them are guesses.
//
// It holds data only. Package openapi reads it.
package prembly

import "embed"

// Folder is openapi.yaml, provider.yaml, the event templates, the scenarios and the stand-ins for the widgets.
//
//go:embed openapi.yaml provider.yaml events sdk scenarios
var Folder embed.FS
