package fake

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/brianvoe/gofakeit/v6"
)

// Named returns a value for a field that is called by its meaning, such as first_name, dateOfBirth or iban; ok is false for
// other names. The names of a person's fields, in any spelling, yield that person's values; others have a stream by label.
func (p *Person) Named(label, name string) (value string, ok bool) {
	key := Squeeze(name)
	if get, known := personal[key]; known {
		return get(p), true
	}
	get, known := general[key]
	if !known {
		return "", false
	}
	r := p.stream(label)
	return get(gofakeit.NewCustom(source{&r})), true
}

// Matching returns a text that matches a regular expression, empty if none was found. It uses a limited part of large
// repetitions.
func (p *Person) Matching(label, pattern string) string {
	r := p.stream(label)
	return gofakeit.NewCustom(source{&r}).Regex(pattern)
}

// Words returns n words of a text without meaning.
func (p *Person) Words(label string, n int) string {
	r := p.stream(label)
	f := gofakeit.NewCustom(source{&r})
	words := make([]string, n)
	for i := range words {
		words[i] = f.LoremIpsumWord()
	}
	return strings.Join(words, " ")
}

// Squeeze returns the letters and digits of a name in lower case.
func Squeeze(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return -1
	}, name)
}

// alias gives further names to entries of a table.
func alias[T any](table map[string]T, name string, others ...string) {
	for _, other := range others {
		table[other] = table[name]
	}
}

// personal are the fields of a person by squeezed name.
var personal = func() map[string]func(*Person) string {
	all := map[string]func(*Person) string{
		"firstname":  func(p *Person) string { return p.FirstName },
		"middlename": func(p *Person) string { return p.MiddleName },
		"lastname":   func(p *Person) string { return p.LastName },
		"fullname":   func(p *Person) string { return p.FullName },
		"gender":     func(p *Person) string { return p.Gender },
		"salutation": func(p *Person) string { return p.Title },
		"dob":        func(p *Person) string { return p.DOB.Format("2006-01-02") },
		"phone":      func(p *Person) string { return "+234" + p.Phone[1:] },
		"email":      func(p *Person) string { return p.Email },
		"address":    func(p *Person) string { return p.Address },
		"city":       func(p *Person) string { return p.City },
		"state":      func(p *Person) string { return p.State },
		"marital":    func(p *Person) string { return p.MaritalStatus },
		"occupation": func(p *Person) string { return p.Occupation },
		"company":    func(p *Person) string { return p.Company },
		"photo":      func(p *Person) string { return p.Photo },
		"username":   func(p *Person) string { return strings.ToLower(p.FirstName + "." + p.LastName) },
	}
	alias(all, "firstname", "givenname", "givennames", "forename", "fname", "givenfirst")
	alias(all, "lastname", "surname", "familyname", "lname")
	alias(all, "fullname", "personname", "displayname", "accountholder", "accountholdername", "cardholdername", "legalname", "holdername", "ownername", "beneficiaryname")
	alias(all, "gender", "sex")
	alias(all, "dob", "dateofbirth", "birthdate", "birthday", "dobdate")
	alias(all, "phone", "phonenumber", "mobile", "mobilenumber", "telephone", "mobilephone", "msisdn", "phoneno", "cellphone")
	alias(all, "email", "emailaddress", "contactemail", "useremail", "mail")
	alias(all, "address", "streetaddress", "street", "line1", "address1", "addressline1", "fulladdress", "residentialaddress", "street1")
	alias(all, "city", "town", "locality", "placeofbirth")
	alias(all, "state", "region", "province", "stateorprovince")
	alias(all, "marital", "maritalstatus")
	alias(all, "occupation", "profession", "jobtitle", "employment")
	alias(all, "company", "companyname", "businessname", "organizationname", "organisationname", "employer", "merchantname")
	alias(all, "photo", "selfie", "photograph", "portrait")
	alias(all, "username", "login", "nickname", "handle")
	return all
}()

// general are values without a person, by squeezed name.
var general = func() map[string]func(*gofakeit.Faker) string {
	all := map[string]func(*gofakeit.Faker) string{
		"postalcode":     func(f *gofakeit.Faker) string { return digits(f, 5) },
		"country":        func(*gofakeit.Faker) string { return "NG" },
		"countryname":    func(*gofakeit.Faker) string { return "Nigeria" },
		"iban":           iban,
		"bic":            func(*gofakeit.Faker) string { return "TESTGB2LXXX" },
		"bankname":       func(*gofakeit.Faker) string { return "Synthetic Bank" },
		"accountnumber":  func(f *gofakeit.Faker) string { return "000" + digits(f, 7) },
		"routingnumber":  func(*gofakeit.Faker) string { return "110000000" },
		"ssn":            func(f *gofakeit.Faker) string { return "900-" + digits(f, 2) + "-" + digits(f, 4) },
		"documentnumber": func(f *gofakeit.Faker) string { return "X" + digits(f, 8) },
		"cardnumber":     func(*gofakeit.Faker) string { return "4242424242424242" },
		"last4":          func(f *gofakeit.Faker) string { return digits(f, 4) },
		"currency":       func(*gofakeit.Faker) string { return "USD" },
		"ip":             func(f *gofakeit.Faker) string { return "192.0.2." + strconv.Itoa(1+f.Rand.Intn(254)) },
		"ipv6": func(f *gofakeit.Faker) string {
			return "2001:db8::" + strconv.FormatInt(1+int64(f.Rand.Intn(0xfffe)), 16)
		},
		"useragent":   func(*gofakeit.Faker) string { return "Mozilla/5.0 (Synthetic)" },
		"url":         func(f *gofakeit.Faker) string { return "https://example.com/" + strings.ToLower(f.LoremIpsumWord()) },
		"hostname":    func(f *gofakeit.Faker) string { return strings.ToLower(f.LoremIpsumWord()) + ".example.com" },
		"language":    func(*gofakeit.Faker) string { return "en" },
		"locale":      func(*gofakeit.Faker) string { return "en-GB" },
		"timezone":    func(*gofakeit.Faker) string { return "UTC" },
		"description": func(f *gofakeit.Faker) string { return f.LoremIpsumSentence(6) },
		"color":       func(f *gofakeit.Faker) string { return f.HexColor() },
		"uuid":        func(f *gofakeit.Faker) string { return f.UUID() },
		"version":     func(*gofakeit.Faker) string { return "1.0.0" },
		"mimetype":    func(*gofakeit.Faker) string { return "application/json" },
		"filename":    func(f *gofakeit.Faker) string { return strings.ToLower(f.LoremIpsumWord()) + ".jpg" },
	}
	alias(all, "postalcode", "zip", "zipcode", "postcode", "zippostalcode")
	alias(all, "country", "countrycode", "nationality", "issuingcountry", "countryofbirth", "citizenship")
	alias(all, "bic", "swift", "swiftcode", "biccode")
	alias(all, "accountnumber", "bankaccountnumber", "accountno")
	alias(all, "routingnumber", "sortcode", "aba", "bankcode")
	alias(all, "ssn", "socialsecuritynumber", "nationalid", "taxid", "tin")
	alias(all, "documentnumber", "passportnumber", "licensenumber", "licencenumber", "idnumber", "identificationnumber", "docnumber")
	alias(all, "cardnumber", "pan", "creditcardnumber")
	alias(all, "last4", "lastfour", "last4digits", "cvc", "cvv")
	alias(all, "currency", "currencycode", "defaultcurrency")
	alias(all, "ip", "ipaddress", "ipv4", "clientip", "remoteip")
	alias(all, "url", "uri", "website", "homepage", "link", "href", "redirecturl", "returnurl", "callbackurl", "webhookurl", "websiteurl", "imageurl", "logourl", "iri")
	alias(all, "hostname", "host", "domain", "domainname")
	alias(all, "language", "lang", "languagecode")
	alias(all, "timezone", "tz")
	alias(all, "description", "summary", "note", "notes", "comment", "comments", "message", "details", "detail", "reason", "about", "bio")
	alias(all, "color", "colour")
	alias(all, "uuid", "guid")
	alias(all, "mimetype", "contenttype", "mediatype")
	return all
}()

// iban returns a British account number of a bank that does not exist, with valid check digits (ISO 13616).
func iban(f *gofakeit.Faker) string {
	const bank, country = "TEST", "GB"
	account := bank + "000000" + digits(f, 8)
	var number strings.Builder
	for _, c := range account + country + "00" {
		if c >= 'A' {
			number.WriteString(strconv.Itoa(int(c - 'A' + 10)))
		} else {
			number.WriteRune(c)
		}
	}
	n, _ := new(big.Int).SetString(number.String(), 10)
	check := strconv.FormatInt(98-new(big.Int).Mod(n, big.NewInt(97)).Int64(), 10)
	return country + strings.Repeat("0", 2-len(check)) + check + account
}
