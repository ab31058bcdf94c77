package store_test

import (
	"testing"

	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/store/storetest"
)

func TestMemory(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return store.NewMemory(store.Retention{}) })
}
