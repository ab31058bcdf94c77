// Package account keeps the isolated worlds of the credentials that an application uses: an account's settings, clock,
// seed, credentials and base URL, inheritance from the default account, reset and deletion.
//
// It knows an account's properties and not its events: runs belong to package engine, deliveries to package delivery,
// scenarios to package library, due jobs to package scheduler.
package account
