// Package faceio is the folder that describes FACEIO: Facial IDs that a widget in the browser enrols and recognises, the
// REST API that checks and removes them, and the ENROLL, AUTH and DELETION webhooks. README.md says where each fact comes
// from and which of them are guesses.
//
// It holds data only. Package openapi reads it.
package faceio

import "embed"

// Folder is openapi.yaml, provider.yaml, the event templates, the scenarios and the stand-in for fio.js.
//
//go:embed openapi.yaml provider.yaml events sdk scenarios
var Folder embed.FS
