// Package account keeps the isolated worlds of the credentials that an application uses: an account's settings, clock,
// seed, credentials and base URL, what it inherits from the default account, and how it is reset and deleted.
//
// It knows what an account has and not what happens in it: runs belong to package engine, deliveries to package delivery,
// scenarios to package library, due jobs to package scheduler.
package account
