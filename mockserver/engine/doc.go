// Package engine plays scenarios: it matches requests with runs and scenarios, plays rules and timelines, and hands
// the events they send to package delivery.
//
// It holds no state. When jobs run is decided in package scheduler, how a webhook is sent in package delivery, which
// scenarios there are in package library; HTTP is left to package mockserver.
package engine
