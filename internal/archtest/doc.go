// Package archtest holds the tests that keep the shape of the module: import rules, package comments, language, and the
// measures of its structure. Each failure states the rule and its reason.
//
// Tests of behaviour do not belong here.
package archtest
