// Package delivery sends webhooks: it plans one delivery for each endpoint of an event, applies faults and holds, renders
// and signs each attempt, records what came of it, and plans the next one.
//
// When a delivery is due is decided in package scheduler; which event is sent, and what a scenario does once a delivery
// has ended, in package engine. One HTTP exchange is package webhook's.
package delivery
