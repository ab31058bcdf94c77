package mockserver_test

import (
	"fmt"
	"testing"
)

func TestAccountsInPages(t *testing.T) {
	t.Parallel()
	all := begin(t).Control().Accounts
	for i := range 5 {
		if err := all.SetSeed(t.Context(), fmt.Sprint("page-", i), 7); err != nil {
			t.Fatal(err)
		}
	}
	listed, err := all.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names, paged []string
	for _, one := range listed {
		names = append(names, one.Name)
	}
	for after := ""; ; {
		page, err := all.AccountsAfter(t.Context(), after, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		if len(page) > 2 {
			t.Fatalf("a page of %d", len(page))
		}
		for _, one := range page {
			paged = append(paged, one.Name)
		}
		after = page[len(page)-1].Name
	}
	if len(names) < 5 || fmt.Sprint(paged) != fmt.Sprint(names) {
		t.Errorf("in pages %v, at once %v", paged, names)
	}
}
