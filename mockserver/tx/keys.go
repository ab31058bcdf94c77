package tx

import (
	"strconv"

	"github.com/idmock/idmock/mockserver/store"
)

// Every key begins with the name of its account, which is its partition. No credential contains the separator (see
// [openapi.Provider.Match]), so no account can be named so that its documents are taken for another's.
const sep = store.KeySeparator

// SettingsKey is the key of an account's settings.
func SettingsKey(account string) string { return account + sep + "settings" }

// AccountKey is the key of the record of an account in a lasting store. Those of all accounts are in one partition, to be listed.
func AccountKey(account string) string { return sep + "account/" + account }

// NumbersKey is the key of the last number that was reserved for an account's IDs.
func NumbersKey(account string) string { return account + sep + "numbers" }

// UploadsPrefix begins the keys of the scenario files that were uploaded for an account.
func UploadsPrefix(account string) string { return account + sep + "upload/" }

// RunsPrefix begins the keys of an account's runs.
func RunsPrefix(account string) string { return account + sep + "run/" }

// RunKey is the key of a run.
func RunKey(account, provider, reference string) string {
	return RunsPrefix(account) + provider + "/" + reference
}

// AliasKey is the key under which a run's second name leads to its reference.
func AliasKey(account, provider, alias string) string {
	return account + sep + "alias/" + provider + "/" + alias
}

// ListKey is the key of a full page of a provider's list of runs, the oldest being page 1; page 0 has the latest runs.
func ListKey(account, provider, list string, page uint64) string {
	return account + sep + "list/" + provider + "/" + list + "/" + strconv.FormatUint(page, 10)
}

// DeliveryKey is the key of a delivery.
func DeliveryKey(account, id string) string { return account + sep + "delivery/" + id }

// MessageKey is the key of the message that all copies of a delivery repeat to the last byte.
func MessageKey(account, delivery string) string { return account + sep + "message/" + delivery }

// ReorderKey is the key of an endpoint's reorder buffer.
func ReorderKey(account, endpoint string) string { return account + sep + "reorder/" + endpoint }

// FaultCountKey is the key that counts how often a scenario's fault was applied. source names the rule and the subject.
func FaultCountKey(account, source string) string { return account + sep + "fault/" + source }

// FaultBytesKey is the key that counts what faults have an account send. No source of a count is empty.
func FaultBytesKey(account string) string { return FaultCountKey(account, "") }

// PendingCountKey is the key that counts the requests that a pending scenario was used for.
func PendingCountKey(account string, id int) string {
	return account + sep + "pending/" + strconv.Itoa(id)
}

// SpentKey is the key of what an account has spent with a provider, of what is in its wallet.
func SpentKey(account, provider string) string { return account + sep + "spent/" + provider }

// Prefixes begin the keys of all of an account's documents but its settings.
func Prefixes(account string) []string {
	var all []string
	for _, kind := range []string{"numbers", "upload/", "run/", "alias/", "list/", "delivery/", "message/", "reorder/", "fault/", "pending/", "spent/"} {
		all = append(all, account+sep+kind)
	}
	return all
}
