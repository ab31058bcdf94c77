// Package delivery sends webhooks: it plans one delivery for each endpoint of an event, applies faults and holds, renders
// and signs each attempt, records its result, and plans the next one.
//
// Package scheduler decides when a delivery is due; package engine decides which event is sent, and continues the scenario
// once a delivery has ended. One HTTP exchange is package webhook's.
package delivery
