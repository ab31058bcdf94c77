// Package evaluate compares a response with the contract of the provider, by functions that checks select by name.
//
// It sends nothing. The refusals and schemas of a provider do not belong here: package openapi knows them.
package evaluate
