package store_test

import (
	"testing"

	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/store/storetest"
)

func TestMemory(t *testing.T) {
	storetest.Run(t, func(_ *testing.T, r store.Retention) store.Store { return store.NewMemory(r) })
}
